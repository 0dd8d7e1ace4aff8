import { describe, expect, it } from "vitest";
import type { Evidence } from "../../../lab/responders/evidence.ts";
import { conclude } from "../../../lab/responders/findings.ts";
import { judgeDiagnosis } from "../../../lab/judge/diagnosis.ts";
import { findScenario } from "../../../scenarios/index.ts";
import { config, delta, evidence, pool, status, unit } from "../../support/evidence.ts";
import { readPlain } from "../../../runtime/yaml/read-plain.ts";

const taken = (given: Partial<Evidence> = {}): Evidence =>
  evidence({
    answer: { status: 500, server: "kiosk/2.3.1", flag: undefined, error: undefined },
    status: status({
      units: [unit("balancer", { state: "failed" }), unit("web-1"), unit("kiosk", { owner: "kiosk" })],
      pools: undefined,
    }),
    ports: [{ port: 8080, pid: 7, program: "node", unit: "kiosk" }],
    balancerLog: ["listen EADDRINUSE: address already in use 127.0.0.1:8080"],
    changes: [
      {
        id: "c2",
        at: "2026-01-01T00:00:00.000Z",
        kind: "package",
        by: "config-push",
        summary: "apply role 'hall'",
        subjects: ["kiosk"],
        detail: "installed kiosk 2.3.1, built for staging",
      },
    ],
    deltas: undefined,
    pools: [],
    ...given,
  });

const skewed = (requests: readonly number[], weights: readonly number[]): Evidence =>
  evidence({
    deltas: requests.map((count, i) => delta(i + 1, { requests: count })),
    configs: [config(2, weights), config(1, [1, 1, 1, 1, 1])],
  });

const throttled = (given: Partial<Evidence> = {}): Evidence =>
  evidence({
    pools: [pool({ pool: "auth", queueLength: 12, queueLimit: 12 }), pool()],
    status: status({ users: { ...status().users, failures: { login: { "503 UO": 300 } } } }),
    configs: [
      config(2, [1], { name: "auth", maxConnections: 1 }),
      config(1, [1, 1, 1, 1], { name: "auth", maxConnections: 3 }),
    ],
    ...given,
  });

const stale = (given: Partial<Evidence> = {}): Evidence =>
  evidence({
    deltas: [1, 2, 3, 4, 5, 6, 7].map((n) =>
      n > 5 ? delta(n, { requests: 200, failures: 200 }) : delta(n, { requests: 200 }),
    ),
    configs: [config(2, [1, 1, 1, 1, 1, 1, 1], { health: false }), config(1, [1, 1, 1, 1, 1])],
    ...given,
  });

const FIVE = [
  [
    "port-conflict",
    taken(),
    [
      { do: "package uninstall", package: "kiosk" },
      { do: "unit restart", unit: "balancer" },
    ],
  ],
  [
    "uneven-weights",
    skewed([2800, 960, 80, 80, 80], [35, 12, 1, 1, 1]),
    [{ do: "config rollback", version: 1 }],
  ],
  ["auth-bottleneck", throttled(), [{ do: "config rollback", version: 1 }]],
  ["dead-backends", stale(), [{ do: "config rollback", version: 1 }]],
  ["single-server", skewed([0, 0, 4000, 0, 0], [0, 0, 100, 0, 0]), [{ do: "config rollback", version: 1 }]],
] as const;

describe("from the evidence", () => {
  for (const [id, seen, repair] of FIVE)
    it(`of ${id} follow its cause, as the judge takes it, the reasons, and its repair`, () => {
      const finding = conclude(seen);
      const scenario = findScenario(id);
      if (!finding || !scenario) throw new Error("nothing was found");
      expect(judgeDiagnosis(finding.diagnosis, scenario.diagnosis).correct).toBe(true);
      expect(finding.because.length).toBeGreaterThan(1);
      expect(finding.because.join()).not.toContain("undefined");
      expect(finding.repair).toEqual(repair);
    });
});

describe("when the bad version is not the newest", () => {
  /** The bad version is followed by one that only names other servers, or another pool. */
  const repaired = (seen: Evidence): unknown => {
    const [step] = conclude(seen)?.repair ?? [];
    if (step?.do !== "config apply") throw new Error("nothing was applied");
    return readPlain(step.yaml);
  };

  it("the active one is corrected in one pool, and keeps what came later", () => {
    const later = config(3, [35, 12, 1, 1, 1, 1]);
    const seen = skewed([2800, 960, 80, 80, 80, 80], [35, 12, 1, 1, 1]);
    expect(repaired({ ...seen, configs: [later, ...seen.configs] })).toMatchObject({
      pools: { web: { upstreams: [1, 2, 3, 4, 5, 6].map((n) => ({ name: `web-${n}`, weight: 1 })) } },
    });
  });

  it("a throttled pool gets its servers and limits back", () => {
    const seen = throttled();
    const later = { ...config(3, [1], { name: "auth", maxConnections: 1 }) };
    expect(repaired({ ...seen, configs: [later, ...seen.configs] })).toMatchObject({
      pools: { auth: { upstreams: [1, 2, 3, 4].map((n) => ({ name: `auth-${n}`, maxConnections: 3 })) } },
    });
  });

  it("what nothing listens at is left out, and the health check is back", () => {
    const seen = stale();
    const later = config(3, [1, 1, 1, 1, 1, 1, 1], { health: false });
    expect(repaired({ ...seen, configs: [later, ...seen.configs] })).toMatchObject({
      pools: { web: { health: { path: "/healthz" }, upstreams: [{}, {}, {}, {}, {}] } },
    });
  });
});

describe("a port that is taken", () => {
  it("by a unit that no package brought is repaired by disabling and stopping that unit", () => {
    const own = taken({
      status: status({
        units: [unit("balancer", { state: "auto-restart" }), unit("kiosk")],
        pools: undefined,
      }),
    });
    expect(conclude(own)?.repair).toEqual([
      { do: "unit disable", unit: "kiosk" },
      { do: "unit stop", unit: "kiosk" },
      { do: "unit restart", unit: "balancer" },
    ]);
  });

  it("is not concluded without its log, without a holder, or while the balancer runs", () => {
    expect(conclude(taken({ balancerLog: ["a configuration that does not load"] }))).toBeUndefined();
    expect(conclude(taken({ ports: [] }))).toBeUndefined();
    expect(
      conclude(taken({ ports: [{ port: 8080, pid: 1, program: "nc", unit: undefined }] })),
    ).toBeUndefined();
    expect(conclude(taken({ status: status() }))).toBeUndefined();
  });

  it("is found on whatever port the lab has", () => {
    const moved = taken({
      status: status({
        listener: "127.0.0.1:12080",
        units: [unit("balancer", { state: "failed" }), unit("kiosk", { owner: "kiosk" })],
      }),
      ports: [{ port: 12_080, pid: 7, program: "node", unit: "kiosk" }],
    });
    expect(conclude(moved)?.diagnosis.mechanism).toBe("port-taken");
  });
});

describe("stale upstreams", () => {
  it("are drained when no version is known that does not list them", () => {
    const never = stale({ configs: [config(1, [1, 1, 1, 1, 1, 1, 1], { health: false })] });
    expect(conclude(never)?.repair).toEqual([
      { do: "upstream drain", upstream: "web-6" },
      { do: "upstream drain", upstream: "web-7" },
    ]);
  });

  it("are not those that listen and fail: that is a backend's own fault", () => {
    const ports = [1, 2, 3, 4, 5, 6, 7].map((n) => ({
      port: 9100 + n,
      pid: n,
      program: "node",
      unit: `web-${n}`,
    }));
    expect(conclude(stale({ ports }))).toBeUndefined();
  });
});

describe("nothing is concluded", () => {
  it("from a healthy lab", () => {
    expect(conclude(evidence())).toBeUndefined();
  });

  it("from a healthy lab whose configuration was changed for the better", () => {
    const configs = [config(2, [1, 1, 1, 1, 1], { maxConnections: 128 }), config(1, [1, 1, 1, 1, 1])];
    expect(conclude(evidence({ configs }))).toBeUndefined();
  });

  it("from one that is merely slow: queues that are not full, shares that are even, nothing shed", () => {
    const slow = evidence({
      pools: [pool({ queueLength: 60, queueLimit: 128 })],
      status: status({
        users: { ...status().users, routes: { page: { requests: 900, failedRatio: 0, p95Ms: 1900 } } },
      }),
      configs: [config(2, [1, 1, 1, 1, 1]), config(1, [1, 1, 1, 1, 1])],
    });
    expect(conclude(slow)).toBeUndefined();
  });

  it("from a full queue alone: before the last change it was no roomier", () => {
    const same = throttled({
      configs: [
        config(2, [1, 1, 1, 1], { name: "auth", maxConnections: 3 }),
        config(1, [1, 1, 1, 1], { name: "auth", maxConnections: 3 }),
      ],
    });
    expect(conclude(same)).toBeUndefined();
    expect(conclude(throttled({ status: status() }))).toBeUndefined();
  });

  it("from shares as uneven as a hash makes them, or from too few requests", () => {
    expect(conclude(skewed([1200, 700, 650, 700, 750], [2, 1, 1, 1, 1]))).toBeUndefined();
    expect(conclude(skewed([60, 10, 10, 5, 5], [35, 12, 1, 1, 1]))).toBeUndefined();
  });

  it("from shares that were the same in every version", () => {
    const always = { ...skewed([2800, 960, 80, 80, 80], []), configs: [config(1, [35, 12, 1, 1, 1])] };
    expect(conclude(always)).toBeUndefined();
  });

  it("from a balancer whose statistics cannot be read, for no other reason", () => {
    expect(conclude(evidence({ deltas: undefined, pools: [] }))).toBeUndefined();
  });
});
