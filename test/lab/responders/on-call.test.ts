import { describe, expect, it } from "vitest";
import type { StatusView } from "../../../lab/trainee/views.ts";
import { gather } from "../../../lab/responders/evidence.ts";
import { answerThePage } from "../../../lab/responders/on-call.ts";
import type { Trainee } from "../../../lab/trainee/trainee.ts";
import { describeAction } from "../../../scenarios/action.ts";
import { status, pool, upstream } from "../../support/evidence.ts";
import { fakeTrainee } from "../../support/fake-trainee.ts";
import { pass } from "../../support/fake-world.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";
import { writeYaml } from "../../../runtime/yaml/write.ts";

const PAGE = {
  name: "HighFailureRatio",
  severity: "page",
  state: "firing",
  labels: { alertname: "HighFailureRatio", severity: "page" },
  summary: "30 % fail",
  description: "",
  runbook: "",
  value: 0.3,
  activeAt: 0,
  firedAt: 0,
  resolvedAt: undefined,
  notifiedAt: 0,
  suppressed: undefined,
  acknowledged: undefined,
} as const;

const yaml = (weights: readonly number[]): string =>
  writeYaml({
    pools: {
      web: {
        health: { path: "/" },
        upstreams: weights.map((weight, i) => ({ name: `web-${i + 1}`, weight })),
      },
    },
  });

/** A lab as a trainee sees it, whose first backend gets most of the requests once it was broken. */
function fakeLab(clock: ManualClock) {
  const lab = { paged: false, skewed: false, well: true, checksUntilOk: 0 };
  const done: string[] = [];
  const counts = [0, 0, 0, 0, 0];
  let since = clock.now();
  const count = (): void => {
    const seconds = (clock.now() - since) / 1000;
    since = clock.now();
    counts.forEach(
      (_, i) => (counts[i] = (counts[i] ?? 0) + seconds * (lab.skewed ? (i === 0 ? 180 : 5) : 40)),
    );
  };
  const trainee = fakeTrainee({
    async status(): Promise<StatusView> {
      count();
      const upstreams = counts.map((requests, i) =>
        upstream(`web-${i + 1}`, { address: `127.0.0.1:${9101 + i}`, requests: Math.round(requests) }),
      );
      return status({ alerts: lab.paged ? [PAGE] : [], pools: [pool({ upstreams })] });
    },
    logs: async () => [],
    config: async ({ version } = {}) => ({
      version: version ?? 2,
      yaml: yaml(version === 1 ? [1, 1, 1, 1, 1] : [35, 1, 1, 1, 1]),
    }),
    configHistory: async () => [
      { version: 1, at: "", author: "lab", reason: "" },
      { version: 2, at: "", author: "ops", reason: "" },
    ],
    changes: async () => [],
    ports: async () =>
      [1, 2, 3, 4, 5].map((n) => ({ port: 9100 + n, pid: n, program: "node", unit: `web-${n}` })),
    visit: async () => ({ status: 200, server: "lb", flag: undefined, error: undefined }),
    async act(step) {
      done.push(describeAction(step));
      return { ok: true, message: "done" };
    },
    async check() {
      done.push("check");
      const ok = lab.checksUntilOk-- <= 0;
      return { ok, felt: ok ? [] : ["30.0 % of requests fail"] };
    },
    async diagnose({ mechanism }) {
      done.push(`diagnose ${mechanism}`);
      return { ok: true };
    },
  });
  return { trainee, lab, done };
}

function onCall(waitMs = 30_000) {
  const clock = createManualClock();
  const { trainee, lab, done } = fakeLab(clock);
  const lines: string[] = [];
  const reported: { well?: boolean; error?: unknown } = {};
  const going = new AbortController();
  answerThePage(trainee, { clock, signal: going.signal, say: (line) => lines.push(line), waitMs }).then(
    (well) => (reported.well = well),
    (error: unknown) => (reported.error = error),
  );
  return { clock, lab, done, lines, reported, going };
}

describe("the responder on call", () => {
  it("ends without a page, and has touched nothing", async () => {
    const { clock, done, lines, reported } = onCall();
    await pass(clock, 31_000);
    expect(reported).toEqual({ well: true });
    expect(done).toEqual([]);
    expect(lines).toEqual(["no page: nothing to do"]);
  });

  it("leaves alone what it cannot explain, and says so", async () => {
    const { clock, lab, done, lines, reported } = onCall();
    lab.paged = true;
    await pass(clock, 40_000);
    expect(reported).toEqual({ well: false });
    expect(done).toEqual([]);
    expect(lines.at(-1)).toContain("left alone");
  });

  it("looks before it acts, names the cause, repairs it and checks until users are well", async () => {
    const { clock, lab, done, reported } = onCall();
    await pass(clock, 5000);
    expect(done).toEqual([]);
    Object.assign(lab, { paged: true, skewed: true, checksUntilOk: 2 });
    await pass(clock, 15_000);
    expect(done).toEqual([]);
    await pass(clock, 20_000);
    expect(done).toEqual(["diagnose traffic-skewed", "config rollback 1", "check", "check", "check"]);
    expect(reported).toEqual({ well: true });
  });

  it("gives up on users who do not recover", async () => {
    const { clock, lab, reported } = onCall();
    Object.assign(lab, { paged: true, skewed: true, checksUntilOk: 10_000 });
    await pass(clock, 200_000);
    expect(reported).toEqual({ well: false });
  });

  it("stops at once when the drill is over", async () => {
    const { clock, lab, reported, going, done } = onCall();
    Object.assign(lab, { paged: true, skewed: true });
    await pass(clock, 5000);
    going.abort(new Error("the drill is over"));
    await pass(clock, 60_000);
    expect(reported.error).toMatchObject({ message: "the drill is over" });
    expect(done).toEqual([]);
  });

  it("does not act on what informs, nor on a page that is over", async () => {
    const clock = createManualClock();
    const { trainee } = fakeLab(clock);
    const lines: string[] = [];
    const alerts = [
      { ...PAGE, severity: "inform" as const },
      { ...PAGE, state: "resolved" as const, resolvedAt: 5 },
      { ...PAGE, state: "pending" as const, notifiedAt: undefined },
    ];
    const quiet: Trainee = { ...trainee, status: async () => status({ alerts }) };
    const signal = new AbortController().signal;
    void answerThePage(quiet, { clock, signal, say: (line) => lines.push(line), waitMs: 5000 });
    await pass(clock, 7000);
    expect(lines).toEqual(["no page: nothing to do"]);
  });
});

describe("gathering evidence", () => {
  const gathered = async (between: (lab: ReturnType<typeof fakeLab>) => Partial<Trainee>) => {
    const clock = createManualClock();
    const fake = fakeLab(clock);
    const seen = gather({ ...fake.trainee, ...between(fake) }, clock, new AbortController().signal);
    await pass(clock, 25_000);
    return seen;
  };

  it("takes what happened between two looks, not what counters say in all", async () => {
    const { deltas } = await gathered(() => ({}));
    expect(deltas?.map(({ requests }) => requests)).toEqual([800, 800, 800, 800, 800]);
  });

  it("takes a counter that went back for one that began anew", async () => {
    let looks = 0;
    const { deltas } = await gathered(() => ({
      status: async () =>
        status({ pools: [pool({ upstreams: [upstream("web-1", { requests: looks++ === 0 ? 900 : 40 })] })] }),
    }));
    expect(deltas?.[0]?.requests).toBe(40);
  });

  it("has no deltas when the balancer did not answer twice", async () => {
    const { deltas, pools } = await gathered(() => ({ status: async () => status({ pools: undefined }) }));
    expect(deltas).toBeUndefined();
    expect(pools).toEqual([]);
  });

  it("reads versions newest first, with what is left out as the balancer takes it", async () => {
    const { configs } = await gathered(() => ({}));
    expect(configs.map(({ version }) => version)).toEqual([2, 1]);
    expect(configs[1]?.pools["web"]).toEqual({
      health: true,
      upstreams: [1, 2, 3, 4, 5].map((n) => ({ name: `web-${n}`, weight: 1, maxConnections: 64 })),
    });
  });
});
