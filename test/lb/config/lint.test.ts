import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { formatFinding, lint } from "../../../lb/config/lint/lint.ts";
import { PAGES, pageOf } from "../../../lb/config/lint/pages.ts";
import type { LintFacts } from "../../../lb/config/lint/rule.ts";
import { RULES } from "../../../lb/config/lint/rules/index.ts";
import { parseBalancerConfig } from "../../../lb/config/parse.ts";

/** A configuration against which nothing can be said. */
const GOOD = `listeners:
  - name: public
    bind: 127.0.0.1:8080
    routes:
      - { host: a.test, path: /api, pool: web }
      - { path: /, pool: web }
pools:
  web:
    policy: { type: round-robin }
    health: { path: /healthz }
    upstreams:
      - { name: web-1, address: "127.0.0.1:9101" }
      - { name: web-2, address: "127.0.0.1:9102" }
`;
const NOW = Date.parse("2026-02-06T12:00:00Z");
const DAY_MS = 86_400_000;

function parsed(text: string) {
  const result = parseBalancerConfig(text, "lb.yaml");
  if (!result.ok) throw new Error(result.faults.map(({ message }) => message).join("\n"));
  return result;
}

function findings(text: string, facts: Partial<LintFacts> = {}) {
  const { config, faultAt } = parsed(text);
  return lint({ config, certificates: [], answers: [], now: NOW, ...facts }, faultAt);
}

const codes = (text: string, facts?: Partial<LintFacts>) => findings(text, facts).map(({ code }) => code);

/** The good configuration with pieces of its text replaced. */
function changed(...pieces: readonly (readonly [from: string, to: string])[]): string {
  return pieces.reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replace(from, to);
  }, GOOD);
}
const policy = (text: string) => ["type: round-robin", text] as const;
const pool = (text: string) =>
  ["health: { path: /healthz }", `health: { path: /healthz }\n    ${text}`] as const;
const atEnd = (text: string) => [/[^\n]*\n$/.exec(GOOD)?.[0] ?? "", `${LAST}${text}\n`] as const;
const LAST = `      - { name: web-2, address: "127.0.0.1:9102" }\n`;
const first = (fields: string) => ['"127.0.0.1:9101" }', `"127.0.0.1:9101", ${fields} }`] as const;
const second = (fields: string) => ['"127.0.0.1:9102" }', `"127.0.0.1:9102", ${fields} }`] as const;
const answer = {
  pool: "web",
  index: 0,
  status: 200,
  detail: "HTTP 200",
  announcedIdleMs: undefined,
} as const;
const THREE = `      - { name: web-3, address: "127.0.0.1:9103" }\n      - { name: web-4, address: "127.0.0.1:9104" }\n      - { name: web-5, address: "127.0.0.1:9105" }`;
const certificate = (days: number) => ({
  certificates: [{ path: ["listeners", 0], expiresAt: NOW + days * DAY_MS }],
});

it("says nothing against a configuration that is as it should be", () => {
  expect(findings(GOOD)).toEqual([]);
  expect(codes(GOOD, { against: parsed(GOOD).config, answers: [answer], ...certificate(31) })).toEqual([]);
});

/** Of two upstreams with 64 places each. */
const load = (pool: string, inFlight: number) => ({
  load: { windowMs: 600_000, inFlight: new Map([[pool, inFlight]]) },
});

interface Case {
  /** Texts for which the rule speaks up, and where. */
  readonly wrong: readonly (readonly [text: string, place: string, facts?: Partial<LintFacts>])[];
  /** Near ones for which it does not. */
  readonly right: readonly (readonly [text: string, facts?: Partial<LintFacts>])[];
}

const CASES: Readonly<Record<string, Case>> = {
  UNEVEN_WEIGHTS: {
    wrong: [
      [changed(first("weight: 3")), "12:59"],
      [changed(second("weight: 100"), first("weight: 5")), "13:59"],
    ],
    right: [
      [changed(first("weight: 4"), second("weight: 3"))],
      [changed(first("weight: 3, state: drain"))],
      [changed(policy("type: first"), first("weight: 9, maxConnections: 10"))],
    ],
  },
  NOBODY_READY: {
    wrong: [
      [changed(first("state: drain"), second("state: maintenance")), "12:7"],
      [changed(first("state: drain"), second("weight: 0")), "12:7"],
    ],
    right: [[changed(first("state: drain"))]],
  },
  FIRST_WITHOUT_LIMIT: {
    wrong: [
      [changed(policy("type: first")), "12:9"],
      [changed(policy("type: first"), first("maxConnections: 5000")), "12:67"],
    ],
    right: [[changed(policy("type: first"), first("maxConnections: 20"))]],
  },
  NO_HEALTH_CHECK: {
    wrong: [
      [changed(["    health: { path: /healthz }\n", ""]), "9:5"],
      [changed(["health: { path: /healthz }", "outlier: {}"]), "9:5"],
    ],
    right: [],
  },
  CHECK_PATH_FAILS: {
    wrong: [
      [GOOD, "12:9", { answers: [{ ...answer, status: 404, detail: "HTTP 404" }] }],
      [GOOD, "13:9", { answers: [{ ...answer, index: 1, status: undefined, detail: "ECONNREFUSED" }] }],
    ],
    right: [[GOOD, { answers: [{ ...answer, status: 399 }] }]],
  },
  CHECK_OVERLAPS: {
    wrong: [[changed(["/healthz }", "/healthz, intervalMs: 500 }"]), "10:13"]],
    right: [[changed(["/healthz }", "/healthz, intervalMs: 500, timeoutMs: 500 }"])]],
  },
  HASH_BEHIND_PROXY: {
    wrong: [[`${changed(policy("type: maglev, key: peer"))}trustedProxies: [10.0.0.0/8]\n`, "9:34"]],
    right: [
      [changed(policy("type: maglev, key: peer"))],
      [`${changed(policy('type: maglev, key: "cookie:u"'))}trustedProxies: [10.0.0.0/8]\n`],
    ],
  },
  KEEP_ALIVE_SHORTER: {
    wrong: [[GOOD, "12:9", { answers: [{ ...answer, announcedIdleMs: 5000 }] }]],
    right: [[GOOD, { answers: [{ ...answer, announcedIdleMs: 72_000 }] }]],
  },
  RETRIES_MULTIPLY: {
    wrong: [
      [changed(pool("retry: { attempts: 3 }")), "11:24"],
      [`${changed(pool("retry: { attempts: 2 }"))}trustedProxies: [10.0.0.1]\n`, "11:24"],
      [changed(["127.0.0.1:8080", "127.0.0.1:9101"], pool("retry: { attempts: 3 }")), "11:24"],
      [
        changed(
          [
            "listeners:\n",
            `listeners:\n  - { name: edge, bind: "127.0.0.1:80", routes: [{ path: /, pool: in }] }\n`,
          ],
          [
            "pools:\n",
            `pools:\n  in: { policy: { type: random }, health: { path: / }, upstreams: [{ name: x, address: "127.0.0.1:8080" }] }\n`,
          ],
        ),
        "9:7",
      ],
    ],
    right: [
      [changed(pool("retry: { attempts: 2 }"))],
      [`${changed(pool("retry: { attempts: 1 }"))}trustedProxies: [10.0.0.1]\n`],
    ],
  },
  QUEUE_OVER_RESPONSE: {
    wrong: [
      [changed(pool("queue: { timeoutMs: 10001 }")), "11:25"],
      [changed(pool("timeouts: { responseMs: 1999 }")), "9:5"],
    ],
    right: [
      [changed(pool("queue: { timeoutMs: 10000 }"))],
      [changed(pool("queue: { timeoutMs: 99999, limit: 0 }"))],
    ],
  },
  POOL_SHRINKS: {
    wrong: [
      [GOOD, "12:7", { against: parsed(changed(atEnd(THREE))).config }],
      [changed(first("state: drain"), second("state: drain")), "12:7", { against: parsed(GOOD).config }],
    ],
    right: [[changed(first("state: drain")), { against: parsed(GOOD).config }]],
  },
  POOL_UNUSED: {
    wrong: [
      [
        changed(
          atEnd(
            `  api: { policy: { type: random }, health: { path: / }, upstreams: [{ name: x, address: "h:1" }] }`,
          ),
        ),
        "14:8",
      ],
    ],
    right: [],
  },
  ROUTE_SHADOWED: {
    wrong: [
      [
        changed(["{ path: /, pool: web }", "{ path: /, pool: web }\n      - { path: /x, pool: web }"]),
        "7:17",
      ],
      [changed(["{ path: /,", "{ host: a.test, path: /api/v1,"]), "6:31"],
      [changed(["{ path: /,", "{ host: a.test, path: /api,"]), "6:31"],
      [changed(["/api, pool", "/api/, pool"], ["{ path: /,", "{ host: a.test, path: /api/v1/,"]), "6:31"],
      [changed(["host: a.test, ", ""], ["{ path: /,", "{ host: b.test, path: /api/,"]), "6:31"],
    ],
    right: [
      [changed(["{ path: /,", "{ host: a.test, path: /apis,"])],
      [changed(["{ path: /,", "{ path: /api/v1,"])],
      [changed(["{ path: /,", "{ host: b.test, path: /api,"])],
      [changed(["/api, pool", "/api/, pool"], ["{ path: /,", "{ host: a.test, path: /api,"])],
    ],
  },
  SAME_ADDRESS: {
    wrong: [[changed(["127.0.0.1:9102", "127.0.0.1:9101"]), "13:33"]],
    right: [],
  },
  SLOW_START_WITHOUT_EFFECT: {
    wrong: [[changed(policy("type: maglev, key: peer"), pool("slowStartMs: 100")), "11:18"]],
    right: [[changed(pool("slowStartMs: 100"))]],
  },
  OWN_ADDRESS: {
    wrong: [
      [changed(["127.0.0.1:9101", "localhost:8080"]), "12:33"],
      [
        changed(["bind: 127.0.0.1:8080", 'bind: "0.0.0.0:8080"'], ["127.0.0.1:9101", "127.0.0.1:8080"]),
        "12:33",
      ],
      [changed(["127.0.0.1:9101", "127.0.0.1:8404"]), "12:33"],
    ],
    right: [
      // A listener in front of another one.
      [
        changed(
          [
            "listeners:\n",
            `listeners:\n  - { name: edge, bind: "127.0.0.1:80", routes: [{ path: /, pool: in }] }\n`,
          ],
          [
            "pools:\n",
            `pools:\n  in: { policy: { type: random }, health: { path: / }, upstreams: [{ name: x, address: "127.0.0.1:8080" }] }\n`,
          ],
        ),
      ],
      [changed(["127.0.0.1:9101", "10.0.0.1:8080"])],
    ],
  },
  PANIC_WITHOUT_EFFECT: {
    wrong: [[changed(pool("panicBelowPercent: 50")), "11:24"]],
    right: [
      [changed(pool("panicBelowPercent: 50\n    allDown: all"))],
      [changed(pool("panicBelowPercent: 0"))],
    ],
  },
  STICKY_OVER_PLAIN: {
    wrong: [
      [changed(pool("sticky: { cookie: __Host-lb }")), "11:13"],
      [changed(pool("sticky: { cookie: lb, sameSite: none }")), "11:13"],
    ],
    right: [
      [changed(pool("sticky: { cookie: lb }"))],
      [
        changed(pool("sticky: { cookie: __Host-lb }"), [
          "    routes:",
          "    tls: { cert: a, key: b }\n    routes:",
        ]),
      ],
      [`${changed(pool("sticky: { cookie: __Host-lb }"))}trustedProxies: [10.0.0.1]\n`],
    ],
  },
  CAPACITY_UNDER_LOAD: {
    wrong: [
      [GOOD, "12:7", load("web", 107)],
      [changed(first("state: drain")), "12:7", load("web", 54)],
      [changed(first("maxConnections: 1"), second("weight: 0")), "12:7", load("web", 0.9)],
    ],
    right: [[GOOD, load("web", 106)], [GOOD, load("api", 1000)], [changed(first("maxConnections: 1"))]],
  },
  TRUSTS_EVERYBODY: {
    wrong: [
      [`${GOOD}trustedProxies: [10.0.0.0/8, 0.0.0.0/0]\n`, "14:30"],
      [`${GOOD}trustedProxies: ["::/0"]\n`, "14:18"],
    ],
    right: [[`${GOOD}trustedProxies: [10.0.0.0/8, "::1"]\n`]],
  },
  ADMIN_UNFINDABLE: {
    wrong: [[`${GOOD}admin: { bind: "127.0.0.1:0" }\n`, "14:16"]],
    right: [[`${GOOD}admin: { bind: "127.0.0.1:80" }\n`]],
  },
  ADMIN_EXPOSED: {
    wrong: [[`${GOOD}admin: { bind: "0.0.0.0:8404" }\n`, "14:16"]],
    right: [[`${GOOD}admin: { bind: "[::1]:8404" }\n`], [`${GOOD}admin: { bind: "localhost:8404" }\n`]],
  },
  CERTIFICATE_EXPIRED: {
    wrong: [[GOOD, "2:5", certificate(0)]],
    right: [[GOOD, certificate(1)]],
  },
  CERTIFICATE_EXPIRES_SOON: {
    wrong: [[GOOD, "2:5", certificate(29)]],
    right: [
      [GOOD, certificate(30)],
      [GOOD, certificate(-1)],
    ],
  },
};

describe.each(RULES)("$code", ({ code, severity }) => {
  const { wrong = [], right = [] } = CASES[code] ?? {};
  it("speaks up where it should, at the place", () => {
    expect(wrong.length).toBeGreaterThan(0);
    for (const [text, place, facts] of wrong) {
      const found = findings(text, facts).filter((finding) => finding.code === code);
      expect(found.map(({ line, column }) => `${line}:${column}`)).toEqual([place]);
      expect(formatFinding(found[0] ?? expect.fail())).toMatch(
        new RegExp(`^lb\\.yaml:${place}: ${severity} ${code}: [a-z]+[^:]*: .`),
      );
    }
  });
  it("is silent about what comes near", () => {
    for (const [text, facts] of right) expect(codes(text, facts)).not.toContain(code);
  });
  it("has a page that says what follows and what to do", () => {
    const { title, page } = pageOf(code.toLowerCase().replaceAll("_", "-"));
    expect(title).not.toBe("");
    expect(page.split("\n\n").length).toBeGreaterThanOrEqual(2);
  });
});

it("asks every rule that there is a file for, under codes that differ", () => {
  const folder = join(import.meta.dirname, "../../../lb/config/lint/rules");
  const table = readFileSync(join(folder, "index.ts"), "utf8");
  const files = readdirSync(folder).filter((file) => file !== "index.ts");
  for (const file of files) expect(table).toContain(`"./${file}"`);
  expect(RULES).toHaveLength(files.length);
  expect(new Set(PAGES.map(({ code }) => code)).size).toBe(PAGES.length);
  expect(Object.keys(CASES).sort()).toEqual(RULES.map(({ code }) => code).sort());
});

it("reports at most two hundred findings, in the order of the text", () => {
  const many = Array.from({ length: 500 }, (_, i) => `      - { name: w${i}, address: "127.0.0.1:9101" }\n`);
  const found = findings(`${GOOD}${many.join("")}`);
  expect(found).toHaveLength(200);
  expect(found.map(({ line }) => line)).toEqual(found.map(({ line }) => line).sort((a, b) => a - b));
});

it("does not know codes that there are not, and guesses", () => {
  expect(() => pageOf("UNEVEN_WIGHTS")).toThrow(
    expect.objectContaining({ code: "NOT_FOUND", hint: "did you mean UNEVEN_WEIGHTS?" }),
  );
});
