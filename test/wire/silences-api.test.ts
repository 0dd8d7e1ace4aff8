import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { startWatchedShop } from "../support/watched-shop.ts";

const RULES = `groups:
  - name: one
    rules:
      - { alert: Apples, expr: vector(1), labels: { severity: inform, kind: fruit } }
      - { alert: Leeks, expr: vector(1), labels: { severity: inform, kind: vegetable } }
`;
const HOUR_MS = 3_600_000;

interface ShownAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly status: { readonly state: string; readonly silencedBy: readonly string[] };
}

interface ShownSilence {
  readonly id: string;
  readonly status: { readonly state: string };
}

describe("silences over Alertmanager's API", () => {
  let directory: string;
  let watching: Awaited<ReturnType<typeof startWatchedShop>>;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "lblab-silences-"));
    const rulesFile = join(directory, "any.rules.yml");
    writeFileSync(rulesFile, RULES);
    watching = await startWatchedShop([], { rulesFile, intervalMs: 100 });
    await until(async () => (await alerts()).length === 2, "both alerts");
  });

  afterAll(async () => {
    await watching.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const get = async (path: string): Promise<unknown> => (await fetch(`${watching.url}${path}`)).json();
  const alerts = async () => (await get("/api/v2/alerts")) as readonly ShownAlert[];
  const silences = async () => (await get("/api/v2/silences")) as readonly ShownSilence[];
  const suppressed = async (): Promise<readonly string[]> =>
    (await alerts())
      .filter(({ status }) => status.state === "suppressed")
      .map(({ labels }) => labels["alertname"] ?? "");

  async function change(method: string, path: string, body?: unknown, token = "t") {
    const answer = await fetch(`${watching.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Readonly<Record<string, unknown>> };
  }

  const silence = (more: Readonly<Record<string, unknown>> = {}) => ({
    matchers: [{ name: "kind", value: "fr.*", isRegex: true, isEqual: true }],
    startsAt: new Date(Date.now() - 1000).toISOString(),
    endsAt: new Date(Date.now() + HOUR_MS).toISOString(),
    createdBy: "somebody",
    comment: "I know",
    ...more,
  });

  it("mute what they match, until they are ended", async () => {
    const made = await change("POST", "/api/v2/silences", silence());
    expect(made).toMatchObject({ status: 200, body: { silenceID: expect.any(String) as string } });
    const id = String(made.body["silenceID"]);
    expect(await silences()).toMatchObject([{ id, createdBy: "somebody", status: { state: "active" } }]);
    expect(await suppressed()).toEqual(["Apples"]);
    expect((await change("DELETE", `/api/v2/silence/${id}`)).status).toBe(200);
    expect(await suppressed()).toEqual([]);
    expect(await silences()).toMatchObject([{ id, status: { state: "expired" } }]);
    expect((await change("DELETE", `/api/v2/silence/${id}`)).status).toBe(404);
  });

  it("that begin later do nothing before", async () => {
    const startsAt = new Date(Date.now() + HOUR_MS / 2).toISOString();
    const { body } = await change("POST", "/api/v2/silences", silence({ startsAt }));
    expect(await suppressed()).toEqual([]);
    const shown = (await silences()).find(({ id }) => id === body["silenceID"]);
    expect(shown?.status.state).toBe("pending");
  });

  it("need the token, to be made and to be ended", async () => {
    const before = await silences();
    for (const token of ["", "wrong", "tt"])
      expect((await change("POST", "/api/v2/silences", silence(), token)).status, token).toBe(401);
    expect(
      (await change("DELETE", "/api/v2/silence/00000000-0000-4000-8000-000000000001", undefined, "wrong"))
        .status,
    ).toBe(401);
    expect(await silences()).toEqual(before);
  });

  it.each([
    ["without matchers", { matchers: [] }],
    ["for everything", { matchers: [{ name: "kind", value: ".*", isRegex: true, isEqual: true }] }],
    ["by a faulty expression", { matchers: [{ name: "kind", value: "(", isRegex: true, isEqual: true }] }],
    ["by something that is no label", { matchers: [{ name: "a b", value: "c", isRegex: false }] }],
    ["that ends before it begins", { endsAt: new Date(0).toISOString() }],
    ["until sometime", { endsAt: "tomorrow" }],
    ["without an author", { createdBy: "" }],
    ["with a field that is not known", { forever: true }],
  ])("%s are refused with the reason", async (_what, more) => {
    const before = await silences();
    const refused = await change("POST", "/api/v2/silences", silence(more));
    expect(refused).toMatchObject({ status: 400, body: { message: expect.any(String) as string } });
    expect(await silences()).toEqual(before);
  });
});
