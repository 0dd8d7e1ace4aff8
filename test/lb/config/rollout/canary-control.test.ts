import { describe, expect, it } from "vitest";
import { memoryConfig } from "../../../../lab/world/simulated/config-medium.ts";
import type { ConfigMedium } from "../../../../lb/config/medium.ts";
import { poolOf } from "../../../support/balancer-bench.ts";
import { createCanaryBench, yamlOf, type CanaryBench } from "../../../support/canary-bench.ts";

const OLD = yamlOf({ web: poolOf(3) });
/** As good as the one before it. */
const GOOD = yamlOf({ web: poolOf(3, { queue: { limit: 7 } }) });
const weighted = (...weights: number[]) =>
  yamlOf({
    web: {
      policy: { type: "round-robin" },
      upstreams: weights.map((weight, i) => ({ name: `u${i + 1}`, address: `127.0.0.1:${i + 1}`, weight })),
    },
  });
const BY = { author: "ann", reason: "a try" };
const FAST = { user: "cookie:user", share: 0.1, step: 0.2, everyMs: 60_000, bakeMs: 120_000 };

const versions = ({ balancer }: CanaryBench) => [balancer.version, balancer.canary?.version];
const verdicts = ({ control }: CanaryBench) => control.status?.judgements.map(({ verdict }) => verdict);
const codes = ({ control }: CanaryBench) =>
  control.status?.judgements.at(-1)?.reasons.map(({ code }) => code);
const met = ({ records }: CanaryBench) => new Set(records.map(({ configVersion }) => configVersion));

async function started(yaml = GOOD, options: Record<string, unknown> = {}, old = OLD): Promise<CanaryBench> {
  const bench = createCanaryBench(old);
  await bench.run(120);
  await bench.control.start(yaml, BY, { ...FAST, ...options });
  return bench;
}

describe("a canary that is no worse", () => {
  it("grows by its steps to half of the users, bakes, and is in force for all", async () => {
    const bench = await started();
    expect(versions(bench)).toEqual([1, 2]);
    await bench.run(300);
    expect(bench.events.map(({ event, status }) => `${event} ${status.phase} ${status.share}`)).toEqual([
      "started growing 0.1",
      "verdict growing 0.1",
      "step growing 0.3",
      "verdict growing 0.3",
      "step growing 0.5",
      "baking baking 0.5",
      "verdict baking 0.5",
      "verdict baking 0.5",
      "ended promoted 1",
    ]);
    expect(verdicts(bench)).toEqual(["better", "better", "better", "better"]);
    expect(versions(bench)).toEqual([2, undefined]);
    expect(bench.store.read()).toMatchObject({ version: 2, yaml: GOOD });
    expect(bench.store.history().at(-1)).toMatchObject({ version: 2, author: "ann", reason: "a try" });
    expect(bench.store.history().at(-1)?.canary).toBeUndefined();
    expect(bench.control.status).toMatchObject({ ended: { why: "baked", by: "canary" } });
    expect(bench.results).toEqual(["success"]);
  });

  it("meets the same users all the time, and only more of them", async () => {
    const bench = await started();
    const versionsOf = new Map<string, number[]>();
    await bench.run(239);
    for (const { peer, configVersion = 0 } of bench.records.slice(6000))
      versionsOf.set(peer, [...(versionsOf.get(peer) ?? []), configVersion]);
    expect(versionsOf.size).toBe(500);
    // Once it is the canary's, a user stays so.
    for (const [user, seen] of versionsOf) expect(seen, user).toEqual(seen.toSorted((a, b) => a - b));
    const first = [...versionsOf.values()].filter(([version]) => version === 2);
    expect(first.length).toBeGreaterThan(25);
    expect(first.length).toBeLessThan(80);
  });

  it("leaves changed weights alone that no upstream suffers from", async () => {
    const bench = await started(weighted(4, 3, 3));
    await bench.run(300);
    expect(versions(bench)).toEqual([2, undefined]);
  });

  it("leaves a rise of 5 % in every answer's time alone", async () => {
    const bench = await started();
    const canary = () => bench.balancer.canary !== undefined;
    bench.behave = ({ exchange }) => ({
      ms: (30 + (exchange.header("x-user")?.length ?? 0)) * (canary() ? 1.05 : 1),
    });
    await bench.run(300);
    expect(versions(bench)).toEqual([2, undefined]);
  });
});

describe("a canary that is worse", () => {
  const BROKEN = yamlOf({ web: poolOf(3, {}, { address: "127.0.0.1:9" }) });

  it("by failures is aborted with the first verdict, and gets no further request", async () => {
    const bench = await started(BROKEN);
    bench.behave = ({ port }) => ({ status: port === 9 ? 500 : 200 });
    await bench.run(61);
    expect(verdicts(bench)).toEqual(["worse"]);
    expect(codes(bench)).toContain("failures");
    expect(versions(bench)).toEqual([1, undefined]);
    const sent = bench.transport.attempts.length;
    await bench.run(60);
    expect(bench.transport.attempts.slice(sent).map(({ port }) => port)).not.toContain(9);
    expect(bench.store.read()).toMatchObject({ version: 1, yaml: OLD });
    expect(bench.store.history().at(-1)).toMatchObject({ version: 2, canary: "aborted" });
    expect(bench.control.status).toMatchObject({ phase: "aborted", share: 0, ended: { why: "worse" } });
    expect(bench.results).toEqual(["failure"]);
  });

  it("by p95 is aborted", async () => {
    const bench = await started(BROKEN);
    bench.behave = ({ port }) => ({ ms: port === 9 ? 80 : 40 });
    await bench.run(61);
    expect(codes(bench)).toEqual(["p95"]);
    expect(versions(bench)).toEqual([1, undefined]);
  });

  it("by what an upstream would get at full traffic is aborted at a tenth of it, before a request has failed", async () => {
    const bench = await started(weighted(10, 1, 1));
    await bench.run(61);
    expect(codes(bench)).toEqual(["overload"]);
    const [reason] = bench.control.status?.judgements[0]?.reasons ?? [];
    expect(reason).toMatchObject({ upstream: "127.0.0.1:1" });
    expect(reason?.value).toBeGreaterThan(35);
    expect(reason?.limit).toBeLessThan(25);
    expect(bench.records.every(({ status }) => status === 200)).toBe(true);
  });

  it("by one upstream for all is aborted, too", async () => {
    const bench = await started(yamlOf({ web: poolOf(1) }));
    await bench.run(61);
    expect(codes(bench)).toEqual(["overload"]);
  });
});

describe("a canary of which too little is known", () => {
  it("keeps its share, is never promoted, and is aborted after more such verdicts in a row than it may have", async () => {
    const bench = await started(GOOD, { inconclusiveLimit: 2 });
    await bench.run(125, 1);
    expect(verdicts(bench)).toEqual(["inconclusive", "inconclusive"]);
    expect(codes(bench)).toEqual(["too-few-requests"]);
    expect(bench.control.status).toMatchObject({ phase: "growing", share: 0.1, inconclusive: 2 });
    await bench.run(60, 1);
    expect(bench.control.status).toMatchObject({ phase: "aborted", ended: { why: "inconclusive" } });
    expect(versions(bench)).toEqual([1, undefined]);
  });

  it("is never promoted by what nobody has: without traffic, and with a key that no request carries", async () => {
    const silent = await started(GOOD, { bakeMs: 0, share: 0.5 });
    silent.clock.advance(600_000);
    expect(silent.control.status).toMatchObject({ phase: "baking", inconclusive: 10 });
    const unkeyed = await started(GOOD, { user: "cookie:nobody", bakeMs: 0, share: 0.5 });
    await unkeyed.run(120);
    expect(versions(unkeyed)).toEqual([1, 2]);
    expect(met(unkeyed)).not.toContain(2);
    expect(verdicts(unkeyed)).toEqual(["inconclusive", "inconclusive"]);
  });
});

describe("a canary's end by hand", () => {
  it("promotes or aborts at once, and says who and why", async () => {
    const one = await started();
    await one.control.promote({ author: "bea", reason: "seen enough" });
    expect(versions(one)).toEqual([2, undefined]);
    expect(one.control.status?.ended).toMatchObject({ why: "promoted", by: "bea", message: "seen enough" });
    const other = await started();
    await other.control.abort({ author: "bea", reason: "not today" });
    expect(versions(other)).toEqual([1, undefined]);
    expect(other.control.status?.ended).toMatchObject({ why: "aborted", by: "bea", message: "not today" });
    await expect(other.control.abort(BY)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(other.control.promote(BY)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("leaves no timer behind, and the next canary is judged for itself", async () => {
    const bench = await started();
    const pending = bench.clock.pending;
    await bench.control.abort(BY);
    expect(bench.clock.pending).toBe(pending - 1);
    await bench.control.start(GOOD, BY, FAST);
    expect(versions(bench)).toEqual([1, 3]);
    expect(verdicts(bench)).toEqual([]);
  });
});

describe("a canary is refused", () => {
  it("while there is one", async () => {
    const bench = await started();
    await expect(bench.control.start(GOOD, BY, FAST)).rejects.toMatchObject({ code: "CANARY_RUNNING" });
    expect(versions(bench)).toEqual([1, 2]);
  });

  it("for what is the same for all users, at its place in the text", async () => {
    const bench = createCanaryBench(OLD);
    const refusals = [
      ["engine", yamlOf({ web: poolOf(3) }, { engine: "http-proxy" }), /engine: is the same for all users/],
      ["admin", yamlOf({ web: poolOf(3) }, { admin: { bind: "127.0.0.1:9999" } }), /admin/],
      ["bind", OLD.replace("8080", "8081"), /listeners\[0\].*cannot be changed by a canary/],
      ["idle", yamlOf({ web: poolOf(3) }, { timeouts: { idleMs: 5 } }), /timeouts.idleMs/],
    ] as const;
    for (const [, yaml, message] of refusals)
      await expect(bench.control.start(yaml, BY, FAST)).rejects.toThrow(message);
    expect(bench.store.history()).toHaveLength(1);
    expect(bench.balancer.canary).toBeUndefined();
  });

  it("for options that mean nothing, and for users who are all one behind a proxy", async () => {
    const bench = createCanaryBench(OLD);
    await expect(bench.control.start(GOOD, BY, { share: 0.7 })).rejects.toMatchObject({ code: "USAGE" });
    await expect(bench.control.start(GOOD, BY, { user: "ip" })).rejects.toMatchObject({ code: "USAGE" });
    const proxied = createCanaryBench(yamlOf({ web: poolOf(3) }, { trustedProxies: ["10.0.0.0/8"] }));
    const yaml = yamlOf({ web: poolOf(2) }, { trustedProxies: ["10.0.0.0/8"] });
    await expect(proxied.control.start(yaml, BY)).rejects.toThrow(/behind a trusted proxy/);
    await proxied.control.start(yaml, BY, { user: "header:X-User" });
  });

  it("when it cannot be kept, and then nothing has changed", async () => {
    const disk = fullDisk();
    const bench = createCanaryBench(OLD, disk.medium);
    disk.full = true;
    await expect(bench.control.start(GOOD, BY, FAST)).rejects.toMatchObject({ code: "DISK" });
    expect(versions(bench)).toEqual([1, undefined]);
  });
});

describe("trouble while a canary runs", () => {
  it("on a disk that is full it is not promoted, says why, and is with the next verdict", async () => {
    const disk = fullDisk();
    const bench = createCanaryBench(OLD, disk.medium);
    await bench.control.start(GOOD, BY, { ...FAST, share: 0.5, bakeMs: 0 });
    disk.full = true;
    await bench.run(61);
    expect(versions(bench)).toEqual([1, 2]);
    expect(bench.control.status?.problem).toMatch(/no space/);
    await expect(bench.control.promote(BY)).rejects.toMatchObject({ code: "DISK" });
    disk.full = false;
    await bench.run(60);
    expect(versions(bench)).toEqual([2, undefined]);
    expect(bench.control.status?.problem).toBeUndefined();
  });

  it("on a disk that is full it is aborted all the same", async () => {
    const disk = fullDisk();
    const bench = createCanaryBench(OLD, disk.medium);
    await bench.control.start(GOOD, BY, FAST);
    disk.full = true;
    await bench.control.abort(BY);
    expect(versions(bench)).toEqual([1, undefined]);
    expect(bench.logged.join()).toMatch(/the end of the canary could not be kept/);
  });

  it("after a crash the version in force serves all, and the canary is said to be lost", async () => {
    const bench = await started();
    const after = bench.restart();
    expect(after.running).toBe(false);
    expect(after.status).toMatchObject({
      version: 2,
      stableVersion: 1,
      phase: "lost",
      ended: { why: "lost" },
    });
    expect(bench.logged.join()).toMatch(
      /the canary of version 2 has ended with its process: version 1 serves all/,
    );
    expect(bench.store.read()).toMatchObject({ version: 1, yaml: OLD });
    expect(bench.store.history().at(-1)).toMatchObject({ version: 2, canary: "lost" });
    expect(bench.restart().status).toBeUndefined();
  });

  it("with a file that was edited meanwhile it is not promoted over the edit", async () => {
    const bench = await started();
    bench.medium.prepare(weighted(1, 1, 1)).commit();
    await expect(bench.control.promote(BY)).rejects.toMatchObject({ code: "CONFIG_CONFLICT" });
    expect(versions(bench)).toEqual([1, 2]);
  });
});

describe("the history", () => {
  it("goes back past a canary that was aborted, and can name it", async () => {
    const bench = await started();
    await bench.control.abort(BY);
    bench.store.apply(weighted(2, 1, 1), BY);
    expect(bench.store.earlier().version).toBe(1);
    expect(bench.store.earlier(2).yaml).toBe(GOOD);
    expect(bench.store.history().map(({ version, canary }) => [version, canary])).toEqual([
      [1, undefined],
      [2, "aborted"],
      [3, undefined],
    ]);
  });
});

function fullDisk() {
  const real = memoryConfig("lb.yaml");
  const disk = {
    full: false,
    medium: {
      ...real,
      prepare: (yaml: string) => (disk.check(), real.prepare(yaml)),
      history: {
        ...real.history,
        prepare: (...entry: Parameters<ConfigMedium["history"]["prepare"]>) => (
          disk.check(),
          real.history.prepare(...entry)
        ),
      },
    },
    check() {
      if (disk.full) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    },
  };
  return disk;
}
