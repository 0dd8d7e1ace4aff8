import { beforeEach, describe, expect, it } from "vitest";
import { createChangeLog, type ChangeLog } from "../../../../lb/config/rollout/change-log.ts";
import { ADMIN, mayReview, type Identity } from "../../../../lb/config/rollout/identity.ts";
import { createPushGate } from "../../../../lb/config/rollout/push-gate.ts";
import { PushRefused, type Push, type PushGate } from "../../../../lb/config/rollout/push.ts";
import { createUpstreamChange } from "../../../../lb/config/rollout/upstream-change.ts";
import type { Finding } from "../../../../lb/config/lint/lint.ts";
import { parseBalancerConfig } from "../../../../lb/config/parse.ts";
import type { BalancerConfig } from "../../../../lb/config/schema.ts";
import { declareMetrics } from "../../../../lb/telemetry/metrics.ts";
import { silentLog } from "../../../../runtime/log.ts";
import { createManualClock, type ManualClock } from "../../../support/manual-clock.ts";

const VIEWER: Identity = { name: "eve", role: "viewer" };
const REVIEWER: Identity = { name: "ann", role: "reviewer" };
const ERROR = { code: "NO_HEALTH_CHECK", severity: "error", message: "", path: [] } as unknown as Finding;
const WARNING = { ...ERROR, code: "UNEVEN_WEIGHTS", severity: "warning" } as unknown as Finding;

function config(more = ""): BalancerConfig {
  const text = `listeners: [{ name: a, bind: "127.0.0.1:0", routes: [{ path: /, pool: web }] }]
pools: { web: { policy: { type: round-robin }, upstreams: [{ name: web-1, address: "127.0.0.1:9101" }] } }
${more}`;
  const parsed = parseBalancerConfig(text, "test");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.config;
}

let clock: ManualClock;
let changes: ChangeLog;
let metrics: ReturnType<typeof declareMetrics>["rollout"];
let rules: BalancerConfig;
let applied: number[];
let gate: PushGate;

beforeEach(() => {
  clock = createManualClock();
  let text = "";
  const lines = { read: () => text, append: (line: string) => void (text += `${line}\n`) };
  changes = createChangeLog(lines, { clock, log: silentLog, onLost: () => expect.fail() });
  metrics = declareMetrics().rollout;
  rules = config();
  applied = [];
  gate = createPushGate({
    clock,
    log: silentLog,
    changes,
    metrics,
    rules: () => rules,
    inForce: () => ({ version: 1, sha256: "text 1" }),
    onApplied: (_push, version) => applied.push(version),
  });
});

const push = (more: Partial<Push> = {}): Push => ({
  way: "apply",
  note: { author: "bob", reason: "why" },
  sha256: "text 2",
  ...more,
});

/** The reason of the refusal; undefined: it passed. */
function refusal(run: () => void): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (!(error instanceof PushRefused)) throw error;
    return error.reason;
  }
}
const admit = (more: Partial<Push> = {}) => refusal(() => gate.admit(push(more)));
const judge = (more: Partial<Push> = {}, findings: readonly Finding[] = [], text = "") =>
  refusal(() => gate.judge(push(more), config(text), findings));
const propose = (more: Partial<Push> = {}, findings: readonly Finding[] = [], text = "") =>
  refusal(() => gate.propose(push(more), config(text), findings));
const events = () => changes.inspect().lines.map(({ event }) => event);

describe("who may change something", () => {
  it("is an operator or a reviewer, and no viewer, whatever the rules", () => {
    expect([admit({ by: ADMIN }), admit({ by: REVIEWER }), admit({})]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect([admit({ by: VIEWER }), admit({ by: VIEWER, emergency: true })]).toEqual(["role", "role"]);
    expect([propose({ by: VIEWER }), propose({ by: ADMIN })]).toEqual(["role", undefined]);
    expect([ADMIN, REVIEWER, VIEWER].map(mayReview)).toEqual([false, true, false]);
  });
});

describe("a freeze", () => {
  beforeEach(() => void changes.append({ event: "began", version: 1, sha256: "text 1" }));

  it("refuses every way but an emergency, the same text again, and what has baked", () => {
    changes.append({ event: "frozen", by: "ann", reason: "the sale" });
    for (const way of ["apply", "canary", "rollback", "approved", "reload", "start", "upstream"] as const)
      expect([way, admit({ way })]).toEqual([way, "frozen"]);
    expect(admit({ emergency: true })).toBeUndefined();
    expect(admit({ way: "automatic-rollback" })).toBeUndefined();
    expect(
      ["reload", "start", "apply"].map((way) => admit({ way: way as "apply", sha256: "text 1" })),
    ).toEqual([undefined, undefined, "frozen"]);
    expect(admit({ way: "rollback", sha256: "text 1" })).toBeUndefined();
    expect(admit({ way: "rollback", sha256: undefined })).toBe("frozen");
  });

  it("is over at its end, and says until when to wait", () => {
    const until = new Date(clock.wall() + 1000).toISOString();
    changes.append({ event: "frozen", by: "ann", reason: "the sale", until });
    expect(() => gate.admit(push())).toThrowError(
      expect.objectContaining({
        message: "changes are frozen by ann: the sale",
        hint: `wait until ${until}`,
      }),
    );
    clock.advance(999);
    expect(admit()).toBe("frozen");
    clock.advance(1);
    expect(admit()).toBeUndefined();
    changes.append({ event: "frozen", by: "ann", reason: "the sale" });
    expect(() => gate.admit(push())).toThrowError(
      expect.objectContaining({ hint: "wait until somebody thaws them" }),
    );
  });
});

describe("review, environment and lint", () => {
  it("needs an approval where it is required, by the rules in force", () => {
    expect(admit()).toBeUndefined();
    rules = config("rollout: { review: required }");
    expect([admit(), admit({ approvedBy: "ann" }), admit({ emergency: true })]).toEqual([
      "review",
      undefined,
      undefined,
    ]);
    rules = config("rollout: { review: off }");
    expect(admit()).toBeUndefined();
  });

  it("refuses a change for another environment, and takes one that does not say", () => {
    expect(admit({ environment: "staging" })).toBeUndefined();
    rules = config("environment: production");
    expect([admit({ environment: "staging" }), admit({ environment: "production" }), admit()]).toEqual([
      "environment",
      undefined,
      undefined,
    ]);
    expect([propose({ environment: "staging" }, [], "environment: production")]).toEqual(["environment"]);
    expect(propose({ environment: "production" }, [], "environment: production")).toBeUndefined();
  });

  it("refuses a text for another environment, or for none", () => {
    rules = config("environment: production");
    expect(judge({}, [], "environment: staging")).toBe("environment");
    expect(() => gate.judge(push(), config(), [])).toThrow("the configuration is for no environment");
    expect(judge({}, [], "environment: production")).toBeUndefined();
    expect(judge({ emergency: true })).toBeUndefined();
  });

  it("refuses what lint finds as its rules say, with those findings", () => {
    const cases = [
      ["off", [], [undefined, undefined]],
      ["errors", [], ["lint", undefined]],
      ["warnings", [], ["lint", "lint"]],
    ] as const;
    for (const [refuse, , expected] of cases) {
      rules = config(`rollout: { lint: { refuse: ${refuse} } }`);
      expect([judge({}, [ERROR]), judge({}, [WARNING])]).toEqual(expected);
    }
    rules = config("rollout: { lint: { refuse: off, also: [UNEVEN_WEIGHTS] } }");
    expect([judge({}, [ERROR]), judge({}, [WARNING])]).toEqual([undefined, "lint"]);
    rules = config("rollout: { lint: { refuse: warnings, except: [UNEVEN_WEIGHTS] } }");
    expect(() => gate.judge(push(), config(), [WARNING, ERROR, ERROR])).toThrowError(
      expect.objectContaining({ findings: [ERROR, ERROR] }),
    );
    expect(() => gate.judge(push(), config(), [ERROR, ERROR])).toThrow(/configuration: NO_HEALTH_CHECK\n/);
  });

  it("lets no emergency past lint into a proposal, which somebody has to approve", () => {
    rules = config("rollout: { lint: { refuse: errors } }");
    expect(judge({ emergency: true }, [ERROR])).toBeUndefined();
    expect([propose({ emergency: true }, [ERROR]), propose({}, [WARNING])]).toEqual(["lint", undefined]);
  });

  it("lets what has baked be put back, whatever lint says", () => {
    rules = config("rollout: { lint: { refuse: errors } }");
    changes.append({ event: "began", version: 1, sha256: "text 1" });
    expect([
      judge({ way: "rollback", sha256: "text 1" }, [ERROR]),
      judge({ way: "reload", sha256: "text 1" }, [ERROR]),
      judge({ way: "rollback" }, [ERROR]),
    ]).toEqual([undefined, undefined, "lint"]);
  });
});

describe("what is written down", () => {
  it("is nothing without guards", () => {
    gate.record(push(), 2, config());
    gate.refused(push(), new PushRefused("review", "no"));
    gate.applied(push(), 2);
    expect([events(), applied]).toEqual([[], [2]]);
  });

  it("begins with the first change under guards, old or new, with all that is known of it", () => {
    gate.record(
      push({ note: { author: "bob", reason: "why", restores: 1 }, approvedBy: "ann", emergency: true }),
      2,
      config("rollout: {}"),
    );
    expect(changes.inspect().lines).toMatchObject([
      { event: "began", version: 1, sha256: "text 1" },
      {
        event: "applied",
        way: "apply",
        version: 2,
        sha256: "text 2",
        author: "bob",
        reason: "why",
        restores: 1,
        approvedBy: "ann",
        emergency: true,
      },
    ]);
    gate.applied(push(), 2);
    gate.record(push({ sha256: "text 3" }), 3, config());
    expect(changes.inspect().lines.at(-1)).not.toHaveProperty("restores");
    expect(changes.inspect().lines.at(-1)).not.toHaveProperty("approvedBy");
    expect(changes.inspect().lines.at(-1)).not.toHaveProperty("emergency");
    expect(events()).toEqual(["began", "applied", "applied"]);
  });

  it("leaves out the version that is in force already, and changes without a text", () => {
    rules = config("rollout: {}");
    gate.record(push(), 2, config());
    gate.record(push(), 2, config());
    gate.record(push({ sha256: undefined }), 3, config());
    expect(events()).toEqual(["began", "applied"]);
  });

  it("takes back what failed after it was written down, once, and not what took effect", () => {
    rules = config("rollout: {}");
    gate.refused(push(), new Error("nothing was written"));
    gate.record(push(), 2, config());
    gate.refused(push(), new Error("no space left"));
    gate.refused(push(), new Error("no space left"));
    gate.record(push({ sha256: "text 3" }), 3, config());
    gate.applied(push(), 3);
    gate.refused(push(), new Error("later"));
    expect(events()).toEqual(["began", "applied", "failed", "applied"]);
    expect(changes.state.inForce?.version).toBe(3);
  });

  it("counts refusals by their reason and notes them, and emergencies by their way", () => {
    rules = config("rollout: {}");
    gate.refused(push(), new PushRefused("frozen", "changes are frozen"));
    expect(metrics.refused.of("frozen").value).toBe(1);
    expect(changes.inspect().lines).toMatchObject([
      { event: "refused", way: "apply", author: "bob", refusal: "frozen", message: "changes are frozen" },
    ]);
    gate.applied(push(), 2);
    expect(metrics.emergencies.of("apply").value).toBe(0);
    gate.applied(push({ emergency: true }), 3);
    expect(metrics.emergencies.of("apply").value).toBe(1);
  });
});

describe("a change of an upstream", () => {
  const change = (by: Partial<Push>, run: () => string) =>
    createUpstreamChange({ gate, changes, balancer: { version: 7 } })(
      "web-1",
      { weight: 2 },
      { note: { author: "bob", reason: "why" }, ...by },
      run,
    );

  it("passes the same guards, and is not made when it is refused", () => {
    rules = config("rollout: { review: required }");
    let ran = 0;
    expect(refusal(() => void change({}, () => String((ran += 1))))).toBe("review");
    expect([ran, metrics.refused.of("review").value]).toEqual([0, 1]);
    expect(change({ emergency: true }, () => "made")).toBe("made");
    expect(metrics.emergencies.of("upstream").value).toBe(1);
  });

  it("is a line where there is a change log", () => {
    change({}, () => "made");
    expect(events()).toEqual([]);
    changes.append({ event: "began", version: 7, sha256: "text 7" });
    change({}, () => "made");
    expect(changes.inspect().lines.at(-1)).toMatchObject({ event: "upstream", author: "bob", weight: 2 });
    expect(changes.inspect().lines.at(-1)).not.toHaveProperty("state");
    expect(changes.inspect().lines.at(-1)).not.toHaveProperty("emergency");
    change({ emergency: true }, () => "made");
    expect(changes.inspect().lines.at(-1)).toMatchObject({ emergency: true });
    expect(applied).toEqual([7, 7, 7]);
  });
});
