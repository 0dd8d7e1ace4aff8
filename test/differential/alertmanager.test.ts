import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, type TestContext } from "vitest";
import { parsePagerConfig } from "../../lab/observe/pager/config.ts";
import type { Notification } from "../../lab/observe/pager/notification.ts";
import { createPager } from "../../lab/observe/pager/pager.ts";
import { momentsOf, type AlertScript } from "../support/alert-script.ts";
import { amtoolAccepts, hasAlertmanager, realAlertmanager } from "../support/alertmanager.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { FAULTY, NOT_OURS, SOUND } from "./alertmanager-configs.ts";
import { CAUSES_AND_SYMPTOMS, MANY_ROUTES, MANY_ROUTES_CONFIG } from "./alertmanager-scripts.ts";

const OURS = readFileSync(join(import.meta.dirname, "../../dashboards/alertmanager.yml"), "utf8");
const EXTERNAL_URL = "http://pager.test";

/** What our pager notifies, in the batches of one moment: the order within one is not defined. */
function ours(config: string, script: AlertScript, epoch: number): Notification[][] {
  const parsed = parsePagerConfig(config, "alertmanager.yml");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  const clock = createManualClock(epoch);
  const batches = new Map<number, Notification[]>();
  const pager = createPager(parsed.config, {
    clock,
    externalUrl: () => EXTERNAL_URL,
    onNotification(notification) {
      batches.set(clock.now(), [...(batches.get(clock.now()) ?? []), notification]);
    },
  });
  for (const { atMs, endMs, label, value } of script.silences ?? [])
    clock.after(atMs, () => {
      const matchers = [{ label, op: "=" as const, value }];
      const times = { startsAt: epoch + atMs, endsAt: epoch + endMs };
      pager.silences.add({ matchers, ...times, createdBy: "test", comment: "test" }, clock.wall());
    });
  for (const { at, firing } of momentsOf(script, epoch))
    clock.after(at - epoch, () => pager.observe(firing, at));
  clock.advance(script.endMs);
  pager.stop();
  return [...batches.values()];
}

/** What the real one notifies of the same, at the same pace on the real clock. */
async function theirs(
  config: string,
  script: AlertScript,
  { onTestFinished }: TestContext,
): Promise<[readonly Notification[], number]> {
  const real = await realAlertmanager(config, EXTERNAL_URL);
  onTestFinished(() => real.close());
  const epoch = Date.now();
  const iso = (ms: number): string => new Date(ms).toISOString();
  async function post(path: string, body: unknown, at: number): Promise<void> {
    await reached(at);
    const response = await fetch(`${real.url}/api/v2/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  }
  await Promise.all([
    ...momentsOf(script, epoch).map(({ at, firing, ended }) => {
      // As Prometheus does: what fires will have ended some time, unless it is sent again.
      const all = [
        ...firing.map((alert) => ({ ...alert, endsAt: at + 600_000 })),
        ...ended.map((alert) => ({ ...alert, endsAt: at })),
      ];
      const body = all.map(({ labels, annotations, firedAt = 0, endsAt }) => {
        return { labels, annotations, startsAt: iso(firedAt), endsAt: iso(endsAt) };
      });
      return post("alerts", body, at);
    }),
    ...(script.silences ?? []).map(({ atMs, endMs, label, value }) => {
      const matchers = [{ name: label, value, isRegex: false, isEqual: true }];
      const times = { startsAt: iso(epoch + atMs), endsAt: iso(epoch + endMs) };
      return post("silences", { matchers, ...times, createdBy: "test", comment: "test" }, epoch + atMs);
    }),
  ]);
  await reached(epoch + script.endMs);
  return [real.notifications, epoch];
}

/** The real one runs on the real clock: a script's pace is waited for, not guessed at. */
const reached = (at: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, Math.max(0, at - Date.now())));

/** In batches as large as ours, each in an order that does not depend on which was faster within a moment. */
function batched(given: readonly Notification[], like: readonly Notification[][]): Notification[][] {
  let from = 0;
  const batches = like.map(({ length }) => given.slice(from, (from += length)));
  return [...batches, ...(from < given.length ? [given.slice(from)] : [])].map((batch) =>
    [...batch].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
  );
}

const keyOf = ({ receiver, groupKey }: Notification): string => `${receiver} ${groupKey}`;

const required = process.env["LBLAB_REQUIRE_PROMETHEUS"] === "1";

describe.skipIf(!hasAlertmanager && !required)(
  "beside the real Alertmanager (prometheus-alertmanager)",
  () => {
    it("is tested where it has to be", () => {
      expect(hasAlertmanager).toBe(true);
    });

    describe.concurrent("our pager", () => {
      for (const [name, script] of Object.entries(CAUSES_AND_SYMPTOMS))
        it(`notifies the same by dashboards/alertmanager.yml when ${name}`, async (context) => {
          const [reported, epoch] = await theirs(OURS, script, context);
          const expected = ours(OURS, script, epoch);
          context.expect(batched(expected.flat(), expected)).toEqual(batched(reported, expected));
        });

      for (const [name, script] of Object.entries(MANY_ROUTES))
        it(`notifies the same by many routes when ${name}`, async (context) => {
          const [reported, epoch] = await theirs(MANY_ROUTES_CONFIG, script, context);
          const expected = ours(MANY_ROUTES_CONFIG, script, epoch);
          context.expect(expected.length).toBeGreaterThan(0);
          context.expect(batched(expected.flat(), expected)).toEqual(batched(reported, expected));
        });
    });

    describe("a configuration", () => {
      it("is sound to amtool as we ship it, and to us", () => {
        expect(amtoolAccepts(OURS)).toBe(true);
        expect(parsePagerConfig(OURS, "alertmanager.yml")).toMatchObject({ ok: true });
      });
      for (const [name, text] of Object.entries(SOUND))
        it(`with ${name} is sound to amtool and to us`, () => {
          expect(amtoolAccepts(text)).toBe(true);
          expect(parsePagerConfig(text, "alertmanager.yml")).toMatchObject({ ok: true });
        });
      for (const [name, text] of Object.entries(FAULTY))
        it(`with ${name} is refused by amtool and by us`, () => {
          expect(amtoolAccepts(text)).toBe(false);
          expect(parsePagerConfig(text, "alertmanager.yml")).toMatchObject({ ok: false });
        });
      for (const [name, text] of Object.entries(NOT_OURS))
        it(`with ${name} is sound to amtool and refused by us`, () => {
          expect(amtoolAccepts(text)).toBe(true);
          expect(parsePagerConfig(text, "alertmanager.yml")).toMatchObject({ ok: false });
        });
    });
  },
);
