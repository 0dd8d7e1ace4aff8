import { beforeEach, describe, expect, it } from "vitest";
import { createAutomaticRollback } from "../../../../lb/config/rollout/automatic-rollback.ts";
import { createChangeLog, type ChangeLog } from "../../../../lb/config/rollout/change-log.ts";
import { createFreezes, type Freezes } from "../../../../lb/config/rollout/freezes.ts";
import { rolloutOptions } from "../../../../lb/config/rollout/options.ts";
import type { PushWay } from "../../../../lb/config/rollout/push.ts";
import { declareMetrics } from "../../../../lb/telemetry/metrics.ts";
import type { ServiceCounts } from "../../../../lb/telemetry/service-meter.ts";
import { CodedError } from "../../../../runtime/errors.ts";
import { silentLog } from "../../../../runtime/log.ts";
import { createManualClock, type ManualClock } from "../../../support/manual-clock.ts";

const MINUTE = 60_000;

let clock: ManualClock;
let changes: ChangeLog;
let freezes: Freezes;
let counts: { requests: number; failures: number; times: Float64Array };
let asked: number[];
let refuse: Error | undefined;
let metrics: ReturnType<typeof declareMetrics>["rollout"];
let rollback: ReturnType<typeof createAutomaticRollback>;
let version: number;

beforeEach(() => {
  clock = createManualClock();
  let text = "";
  const lines = { read: () => text, append: (line: string) => void (text += `${line}\n`) };
  changes = createChangeLog(lines, { clock, log: silentLog, onLost: () => expect.fail() });
  metrics = declareMetrics().rollout;
  freezes = createFreezes({ clock, log: silentLog, changes, metrics });
  counts = { requests: 0, failures: 0, times: new Float64Array(212) };
  asked = [];
  refuse = undefined;
  version = 1;
  rollback = createAutomaticRollback({
    clock,
    log: silentLog,
    changes,
    metrics,
    counts: (): ServiceCounts => ({ ...counts, times: counts.times.slice() }),
    freezes,
    control: () => ({
      async rollback(target) {
        asked.push(target ?? 0);
        if (refuse) throw refuse;
        push(`text ${target}`, "automatic-rollback");
        return { version, at: "", author: "", reason: "", sha256: "", findings: [] };
      },
    }),
  });
  rollback.configure(rolloutOptions.parse({ watch: {} }).watch);
  changes.append({ event: "began", version: 1, sha256: "text 1" });
});

/** A version with this text takes effect. */
function push(sha256: string, way: PushWay = "apply"): void {
  version += 1;
  changes.append({ event: "applied", way, version, sha256, author: "ann", reason: "" });
  rollback.applied({ version, sha256 }, way);
}

/** Lets a second pass at a time, each with ten requests of which so many fail; promises get their turn. */
async function serve(seconds: number, failed = 0): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    counts.requests += 10;
    counts.failures += failed;
    counts.times[60] = (counts.times[60] ?? 0) + 10 - failed;
    clock.advance(1000);
    await Promise.resolve();
  }
  for (let i = 0; i < 10; i++) await Promise.resolve();
}
const events = () => changes.inspect().lines.map(({ event }) => event);

describe("the watch after a change", () => {
  it("lets a version bake that serves its time well, and goes back to that from a later one", async () => {
    await serve(60);
    push("text 2");
    await serve(599);
    expect(events()).not.toContain("baked");
    await serve(2);
    expect(events()).toContain("baked");
    push("text 3");
    await serve(30, 5);
    expect(asked).toEqual([2]);
    expect(metrics.rollbacks.of("done").value).toBe(1);
  });

  it("rolls back within two judgements of ten seconds, freezes, and does not take turns with itself", async () => {
    await serve(60);
    push("text 2");
    await serve(19, 5);
    expect(asked).toEqual([]);
    await serve(1, 5);
    expect([asked, version, freezes.now?.by]).toEqual([[1], 3, "automatic-rollback"]);
    await serve(120, 5);
    expect([asked, version]).toEqual([[1], 3]);
    expect(events().filter((event) => event === "worse")).toHaveLength(2);
  });

  it("does not take back what it put back itself: two versions would take turns", async () => {
    await serve(60);
    push("text 2");
    await serve(601);
    push("text 3");
    await serve(300, 5);
    expect([asked, version]).toEqual([[2], 4]);
  });

  it("sees a fault that begins late in the bake time", async () => {
    await serve(60);
    push("text 2");
    await serve(500);
    await serve(30, 3);
    expect(asked).toEqual([1]);
  });

  it("does not blame a change for what was as bad before it", async () => {
    await serve(120, 4);
    push("text 2");
    await serve(601, 4);
    expect([asked, events().at(-1)]).toEqual([[], "baked"]);
  });

  it("never takes silence for success", async () => {
    await serve(60);
    push("text 2");
    clock.advance(11 * MINUTE);
    expect(events().at(-1)).toBe("inconclusive");
    push("text 3");
    await serve(30, 9);
    expect(asked).toEqual([1]);
  });

  it("goes back past a version that has not baked", async () => {
    await serve(60);
    push("text 2");
    await serve(30);
    push("text 3");
    await serve(30, 9);
    expect(asked).toEqual([1]);
  });

  it("tries again when the rollback is refused, and says so", async () => {
    await serve(60);
    push("text 2");
    refuse = new CodedError("DISK", "no space left");
    await serve(25, 9);
    expect(metrics.rollbacks.of("failed").value).toBe(1);
    refuse = undefined;
    await serve(10, 9);
    expect([metrics.rollbacks.of("done").value, asked]).toEqual([1, [1, 1]]);
  });

  it("leaves it to another change that came first", async () => {
    await serve(60);
    push("text 2");
    refuse = new CodedError("CONFIG_CONFLICT", "another version is in force");
    await serve(60, 9);
    expect([asked, metrics.rollbacks.of("failed").value]).toEqual([[1], 0]);
  });

  it("has nowhere to go back to when nothing else has baked, and says so once", async () => {
    await serve(60);
    changes.append({ event: "applied", way: "apply", version: 2, sha256: "text 1", author: "", reason: "" });
    rollback.applied({ version: 2, sha256: "text 1" }, "apply");
    await serve(90, 9);
    expect([asked, metrics.rollbacks.of("nowhere").value]).toEqual([[], 1]);
  });

  it("only warns when it is not to act", async () => {
    rollback.configure(rolloutOptions.parse({ watch: { rollback: false } }).watch);
    await serve(60);
    push("text 2");
    await serve(60, 9);
    expect([asked, events().at(-1)]).toEqual([[], "worse"]);
    expect(freezes.now).toBeUndefined();
  });

  it("ends its timers", () => {
    rollback.stop();
    freezes.stop();
    expect(clock.pending).toBe(0);
  });
});

describe("a freeze", () => {
  it("ends at its time, across days, and outlives a line that is lost", () => {
    freezes.freeze("ann", "the holidays", clock.wall() + 40 * 24 * 60 * MINUTE);
    expect(metrics.frozen.of().value).toBe(1);
    rollback.stop();
    clock.advance(40 * 24 * 60 * MINUTE - 1);
    expect(freezes.now?.by).toBe("ann");
    clock.advance(1);
    expect([freezes.now, metrics.frozen.of().value, events().at(-1)]).toEqual([undefined, 0, "thawed"]);
  });
});
