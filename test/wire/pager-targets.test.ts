import { describe, expect, it, onTestFinished } from "vitest";
import type { Notification } from "../../lab/observe/pager/notification.ts";
import {
  createTargets,
  type TargetName,
  type TargetsConfig,
} from "../../lab/observe/pager/targets/targets.ts";
import { silentLog, type Log } from "../../runtime/log.ts";
import { Secret } from "../../runtime/secret.ts";
import { pino } from "pino";
import { during } from "../support/cleanup.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { until } from "../support/until.ts";
import {
  deadUpstream,
  httpUpstream,
  rawUpstream,
  resettingUpstream,
  stalledUpstream,
  type TestUpstream,
} from "../support/upstreams.ts";

const TIMEOUT_MS = 5000;
const FIRST_PAUSE_MS = 500;
const SECOND_PAUSE_MS = 2000;

function notification(alertname = "HighFailureRatio", more: Partial<Notification> = {}): Notification {
  return {
    version: "4",
    groupKey: '{}:{severity="page"}',
    truncatedAlerts: 0,
    status: "firing",
    receiver: "on-call",
    groupLabels: { severity: "page" },
    commonLabels: { alertname, severity: "page" },
    commonAnnotations: {},
    externalURL: "",
    alerts: [
      {
        status: "firing",
        labels: { alertname, severity: "page" },
        annotations: { summary: "a <!channel> of\nusers & more wait", runbook: "https://runbooks.test/1" },
        startsAt: "2026-01-01T00:00:00Z",
        endsAt: "0001-01-01T00:00:00Z",
        generatorURL: "",
        fingerprint: "cbe5df2c77f01b87",
      },
    ],
    ...more,
  };
}

function bench(config: TargetsConfig, log: Log = silentLog) {
  const manual = createManualClock();
  /** Of the timers that were set, in order. */
  const delaysMs: number[] = [];
  const clock = {
    now: manual.now,
    wall: manual.wall,
    advance: manual.advance,
    get pending() {
      return manual.pending;
    },
    after(ms: number, run: () => void) {
      delaysMs.push(ms);
      return manual.after(ms, run);
    },
  };
  const lifetime = new AbortController();
  onTestFinished(() => lifetime.abort());
  const targets = createTargets(config, { clock, log, signal: lifetime.signal });
  const viewOf = (name: TargetName) => targets.view().find((target) => target.name === name);
  return { clock, delaysMs, targets, lifetime, viewOf };
}

interface Received {
  readonly url: string | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** Takes whole requests and answers them with the codes given, the last one again and again. */
async function receiver(
  ...codes: readonly number[]
): Promise<TestUpstream & { readonly received: Received[] }> {
  const received: Received[] = [];
  const upstream = await during(
    httpUpstream((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const code = codes[received.length] ?? codes.at(-1) ?? 200;
        received.push({ url: request.url, headers: request.headers, body: Buffer.concat(chunks).toString() });
        response.writeHead(code, { location: "/elsewhere" }).end();
      });
    }),
  );
  return Object.assign(Object.create(upstream) as TestUpstream, { received });
}

const at = ({ port }: TestUpstream, path = "/hook"): { url: Secret } => ({
  url: new Secret(`http://127.0.0.1:${port}${path}`),
});

describe("a target", () => {
  it("is none, unless one is named", () => {
    const { targets } = bench({});
    targets.deliver(notification());
    expect(targets.view()).toEqual([]);
  });

  it("that is a webhook is posted the notification as it is", async () => {
    const server = await receiver();
    const { targets, viewOf } = bench({ webhook: at(server) });
    targets.deliver(notification());
    await until(() => viewOf("webhook")?.sent === 1, "the delivery");
    expect(server.received[0]).toMatchObject({
      url: "/hook",
      headers: { "content-type": "application/json" },
    });
    expect(JSON.parse(server.received[0]?.body ?? "")).toEqual(notification());
  });

  it("that is a topic of ntfy is posted text, and loud only for a page", async () => {
    const server = await receiver();
    const { targets, viewOf } = bench({ ntfy: at(server, "/lab") });
    targets.deliver(notification());
    const [alert] = notification().alerts;
    const over = alert ? [{ ...alert, status: "resolved" as const, labels: { alertname: "Überlast" } }] : [];
    targets.deliver(notification("", { status: "resolved", alerts: over, truncatedAlerts: 3 }));
    await until(() => viewOf("ntfy")?.sent === 2, "both deliveries");
    expect(server.received).toMatchObject([
      {
        url: "/lab",
        headers: { title: "FIRING: HighFailureRatio", priority: "urgent", tags: "rotating_light" },
        body: "firing HighFailureRatio: a <!channel> of users & more wait (https://runbooks.test/1)",
      },
      {
        headers: {
          title: `=?UTF-8?B?${Buffer.from("RESOLVED: Überlast").toString("base64")}?=`,
          priority: "low",
          tags: "white_check_mark",
        },
        body: expect.stringMatching(/^resolved Überlast: .*\nand 3 more alerts$/) as string,
      },
    ]);
  });

  it("that is ntfy gets no more than fits into a message, and no half of a character", async () => {
    const server = await receiver();
    const { targets, viewOf } = bench({ ntfy: at(server) });
    const [alert] = notification().alerts;
    const many = Array.from({ length: 60 }, () => alert).flatMap((one) =>
      one ? [{ ...one, annotations: { summary: "ü".repeat(490) } }] : [],
    );
    targets.deliver(notification("", { alerts: many }));
    await until(() => viewOf("ntfy")?.sent === 1, "the delivery");
    const body = server.received[0]?.body ?? "";
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(4096);
    expect(body).not.toContain("\uFFFD");
  });

  it("that is Slack is posted text in which nothing of an alert is a command", async () => {
    const server = await receiver();
    const { targets, viewOf } = bench({ slack: at(server) });
    targets.deliver(notification());
    await until(() => viewOf("slack")?.sent === 1, "the delivery");
    expect(JSON.parse(server.received[0]?.body ?? "")).toEqual({
      text: "*FIRING: HighFailureRatio*\nfiring HighFailureRatio: a &lt;!channel&gt; of users &amp; more wait (https://runbooks.test/1)",
    });
  });

  it("is sent notifications in order, one after the other", async () => {
    const server = await receiver();
    const { targets, viewOf } = bench({ webhook: at(server) });
    const names = ["A", "B", "C", "D"];
    for (const name of names) targets.deliver(notification(name));
    await until(() => viewOf("webhook")?.sent === names.length, "all deliveries");
    const reported = server.received.map(
      ({ body }) => (JSON.parse(body) as Notification).commonLabels["alertname"],
    );
    expect(reported).toEqual(names);
  });
});

describe("trouble with a target", () => {
  it("is retried twice, with a longer pause, and then dropped", async () => {
    const server = await receiver(500, 503, 429);
    const { clock, targets, viewOf } = bench({ webhook: at(server) });
    targets.deliver(notification());
    await until(() => viewOf("webhook")?.lastError === "answered 500", "the first refusal");
    clock.advance(FIRST_PAUSE_MS - 1);
    expect(server.received).toHaveLength(1);
    clock.advance(1);
    await until(() => viewOf("webhook")?.lastError === "answered 503", "the second refusal");
    clock.advance(SECOND_PAUSE_MS);
    await until(() => viewOf("webhook")?.failed === 1, "the end of it");
    expect(viewOf("webhook")).toMatchObject({ sent: 0, lastError: "answered 429" });
    expect(server.received).toHaveLength(3);
    expect(clock.pending).toBe(0);
  });

  it("that has passed leaves the notification delivered, and those behind it", async () => {
    const server = await receiver(500, 200);
    const { clock, targets, viewOf } = bench({ webhook: at(server) });
    targets.deliver(notification("A"));
    targets.deliver(notification("B"));
    await until(() => viewOf("webhook")?.lastError, "the refusal");
    expect(viewOf("webhook")).toMatchObject({ waiting: 1 });
    clock.advance(FIRST_PAUSE_MS);
    await until(() => viewOf("webhook")?.sent === 2, "both deliveries");
    expect(viewOf("webhook")).toMatchObject({ failed: 0, waiting: 0 });
  });

  it.each([400, 401, 404, 302, 307])("is final when it answers %i: nothing is sent twice", async (code) => {
    const server = await receiver(code);
    const { clock, targets, viewOf } = bench({ webhook: at(server) });
    targets.deliver(notification());
    await until(() => viewOf("webhook")?.failed === 1, "the refusal");
    expect(viewOf("webhook")).toMatchObject({ lastError: `answered ${code}` });
    expect(clock.pending).toBe(0);
    expect(server.received).toHaveLength(1);
  });

  it("that never answers costs a timeout each, and those behind it wait", async () => {
    const server = await during(stalledUpstream());
    const { clock, targets, viewOf } = bench({ webhook: at(server) });
    targets.deliver(notification("A"));
    targets.deliver(notification("B"));
    for (const [tries, pauseMs] of [FIRST_PAUSE_MS, SECOND_PAUSE_MS, 0].entries()) {
      await until(() => server.requests.length === tries + 1, `request ${tries + 1}`);
      expect(viewOf("webhook")).toMatchObject({ waiting: 1, failed: 0 });
      const pending = clock.pending;
      clock.advance(TIMEOUT_MS);
      if (tries === 2) break;
      await until(() => clock.pending === pending, "the pause before the next try");
      clock.advance(pauseMs);
    }
    await until(() => viewOf("webhook")?.failed === 1, "the end of it");
    expect(viewOf("webhook")).toMatchObject({ lastError: "no answer within 5000 ms", waiting: 0 });
  });

  it.each([
    ["refuses", deadUpstream, "cannot be reached: ECONNREFUSED"],
    ["resets", resettingUpstream, "cannot be reached: ECONNRESET"],
  ])("that %s is reported by its code", async (_how, start, reason) => {
    const { clock, delaysMs, targets, viewOf } = bench({ webhook: at(await during(start())) });
    targets.deliver(notification());
    for (const pauseMs of [FIRST_PAUSE_MS, SECOND_PAUSE_MS]) {
      await until(() => delaysMs.at(-1) === pauseMs, `the pause of ${pauseMs} ms`);
      clock.advance(pauseMs);
    }
    await until(() => viewOf("webhook")?.failed === 1, "the end of it");
    expect(viewOf("webhook")).toMatchObject({ lastError: reason });
  });

  it("does not wait for an answer's body that never ends", async () => {
    const server = await during(
      rawUpstream((socket) => void socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nand")),
    );
    const { targets, viewOf } = bench({ webhook: at(server) });
    targets.deliver(notification("A"));
    targets.deliver(notification("B"));
    await until(() => viewOf("webhook")?.sent === 2, "both deliveries");
  });

  it("drops the oldest that wait when there are too many, and counts them", async () => {
    const server = await during(stalledUpstream());
    const { targets, viewOf } = bench({ webhook: at(server) });
    for (let i = 0; i < 150; i++) targets.deliver(notification(`A${i}`));
    expect(viewOf("webhook")).toMatchObject({ waiting: 100, dropped: 49, sent: 0, failed: 0 });
  });

  it("of one is none of another's", async () => {
    const server = await receiver();
    const stalled = await during(stalledUpstream());
    const { targets, viewOf } = bench({ webhook: at(stalled), ntfy: at(server), slack: at(server) });
    targets.deliver(notification());
    await until(() => viewOf("ntfy")?.sent === 1 && viewOf("slack")?.sent === 1, "the others' deliveries");
    expect(viewOf("webhook")).toMatchObject({ sent: 0, lastError: undefined });
  });

  it("ends with the lifetime: what is under way is cut, nothing more is taken", async () => {
    const server = await during(stalledUpstream());
    const { clock, targets, lifetime, viewOf } = bench({ webhook: at(server) });
    targets.deliver(notification());
    targets.deliver(notification());
    await until(() => server.requests.length === 1, "the request");
    lifetime.abort();
    await until(() => server.open === 0 && clock.pending === 0, "the cut");
    targets.deliver(notification());
    expect(viewOf("webhook")).toMatchObject({ sent: 0, failed: 0, waiting: 1 });
    expect(server.requests).toHaveLength(1);
  });

  it("ends with the lifetime in a pause, too", async () => {
    const { clock, targets, lifetime, viewOf } = bench({ webhook: at(await receiver(500)) });
    targets.deliver(notification());
    await until(() => viewOf("webhook")?.lastError !== undefined && clock.pending === 1, "the pause");
    lifetime.abort();
    expect(clock.pending).toBe(0);
  });
});

describe("the secrets of a target's URL", () => {
  it("reach the target and nothing else: not the view, not the log, not an error", async () => {
    const server = await receiver(401);
    const lines: string[] = [];
    const log = pino({}, { write: (line: string) => void lines.push(line) });
    const url = `http://ada:hunter2@127.0.0.1:${server.port}/services/T00/s3cret?token=t0ken`;
    const { targets, viewOf } = bench({ slack: { url: new Secret(url) } }, log);
    targets.deliver(notification());
    await until(() => viewOf("slack")?.failed === 1, "the refusal");
    expect(server.received[0]).toMatchObject({
      url: "/services/T00/s3cret?token=t0ken",
      headers: { authorization: `Basic ${Buffer.from("ada:hunter2").toString("base64")}` },
    });
    expect(viewOf("slack")).toMatchObject({ host: `127.0.0.1:${server.port}`, lastError: "answered 401" });
    expect(lines).toHaveLength(1);
    for (const secret of ["hunter2", "s3cret", "t0ken", "ada:"]) {
      expect(JSON.stringify(targets.view())).not.toContain(secret);
      expect(lines.join("")).not.toContain(secret);
    }
  });

  it.each(["ftp://host/s3cret", "s3cret", "file:///s3cret", "javascript:s3cret"])(
    "are not repeated when the URL %s is refused",
    (url) => {
      expect(() => bench({ webhook: { url: new Secret(url) } })).toThrow(
        expect.objectContaining({
          code: "CONFIG_INVALID",
          message: "the pager's webhook target needs an http or https URL",
        }),
      );
    },
  );
});
