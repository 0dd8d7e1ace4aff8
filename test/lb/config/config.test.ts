import { describe, expect, it } from "vitest";
import { POLICY_TYPES } from "../../../lb/policies/index.ts";
import { formatFault } from "../../../runtime/yaml/fault.ts";
import { parseBalancerConfig } from "../../../lb/config/parse.ts";

const GOOD = `listeners:
  - name: public
    bind: 127.0.0.1:8080
    routes:
      - { host: Shop.test, path: /login, pool: auth }
      - { path: /, pool: web }
pools:
  auth:
    policy: { type: least-connections }
    upstreams:
      - { name: auth-1, address: 127.0.0.1:9201 }
  web:
    policy: { type: ring-hash, key: "cookie:user" }
    upstreams:
      - { name: web-1, address: 127.0.0.1:9101, weight: 3 }
      - { name: web-2, address: 127.0.0.1:9102 }
`;

/** The faults of a text as they are printed. */
function faultsOf(raw: string | Uint8Array): string[] {
  const parsed = parseBalancerConfig(raw, "lb.yaml");
  return parsed.ok ? [] : parsed.faults.map(formatFault);
}

/** The good configuration with one piece of text replaced. */
function broken(from: string, to: string): string {
  expect(GOOD).toContain(from);
  return GOOD.replace(from, to);
}

describe("a good configuration", () => {
  it("is read with every default filled in", () => {
    const parsed = parseBalancerConfig(GOOD, "lb.yaml");
    if (!parsed.ok) throw new Error(parsed.faults.map(formatFault).join("\n"));
    const { config } = parsed;
    expect(config.admin.bind).toBe("127.0.0.1:8404");
    expect(config.engine).toBe("sockets");
    expect(config.listeners[0]?.routes[0]?.host).toBe("shop.test");
    expect(config.pools["web"]?.upstreams[0]).toEqual({
      name: "web-1",
      address: "127.0.0.1:9101",
      weight: 3,
      maxConnections: 64,
      state: "ready",
    });
    expect(config.pools["web"]?.health).toBeUndefined();
    expect(config.pools["web"]?.queue).toEqual({ limit: 128, timeoutMs: 2000 });
  });

  it("may repeat a piece by an alias", () => {
    const text = GOOD.replace(
      "    policy: { type: least-connections }",
      "    policy: &p { type: least-connections }",
    );
    expect(faultsOf(text.replace('{ type: ring-hash, key: "cookie:user" }', "*p"))).toEqual([]);
  });

  it("may begin with a byte order mark and end its lines as Windows does", () => {
    expect(faultsOf(Buffer.from("\uFEFF" + GOOD.replaceAll("\n", "\r\n")))).toEqual([]);
  });
});

describe("a wrong value", () => {
  it.each([
    [
      "weight: 3",
      "weight: -1",
      "lb.yaml:15:57: pools.web.upstreams[0].weight: is -1, must be a whole number from 0 to 256",
    ],
    [
      "weight: 3",
      "weight: 1.5",
      "lb.yaml:15:57: pools.web.upstreams[0].weight: is 1.5, must be a whole number from 0 to 256",
    ],
    [
      "weight: 3",
      "weight: '3'",
      'lb.yaml:15:57: pools.web.upstreams[0].weight: is "3", must be a whole number from 0 to 256',
    ],
    [
      "weight: 3",
      "wieght: 3",
      "lb.yaml:15:49: pools.web.upstreams[0].wieght: is not a known field, did you mean weight? allowed: name, address, weight, maxConnections, state",
    ],
    [
      "type: ring-hash",
      "type: ring-hsah",
      `lb.yaml:13:21: pools.web.policy.type: is "ring-hsah", must be one of ${POLICY_TYPES.join(", ")}; did you mean ring-hash?`,
    ],
    [
      "type: ring-hash",
      "type: ip_hash",
      `lb.yaml:13:21: pools.web.policy.type: is "ip_hash", must be one of ${POLICY_TYPES.join(", ")}; did you mean ring-hash?`,
    ],
    [', key: "cookie:user"', "", "lb.yaml:13:5: pools.web.policy.key: is missing, must be text"],
    [
      'key: "cookie:user"',
      'key: "cookie"',
      'lb.yaml:13:37: pools.web.policy.key: is "cookie", must be cookie:NAME, header:NAME or peer',
    ],
    [
      "pool: web",
      "pool: webb",
      'lb.yaml:6:26: listeners[0].routes[1].pool: there is no pool "webb", did you mean web? pools are: auth, web',
    ],
    [
      "name: web-2",
      "name: web-1",
      'lb.yaml:16:17: pools.web.upstreams[1].name: "web-1" is already the name of another upstream of this pool (entry 0), names must differ',
    ],
    [
      "bind: 127.0.0.1:8080",
      "bind: 127.0.0.1:8404",
      'lb.yaml:3:11: listeners[0].bind: "127.0.0.1:8404" is already taken by the admin interface, each needs an address and port of its own',
    ],
    [
      "bind: 127.0.0.1:8080",
      "bind: 127.0.0.1:80800",
      'lb.yaml:3:11: listeners[0].bind: is "127.0.0.1:80800", must have a port up to 65535',
    ],
    ["name: public", "name: 12", "lb.yaml:2:11: listeners[0].name: is 12, must be text: put it in quotes"],
    [
      "  web:\n",
      "  web:\n    constructor: 1\n",
      "lb.yaml:13:5: pools.web.constructor: is not a name that a field may have",
    ],
    [
      "  web:\n",
      "  web:\n    sticky: { ttlSeconds: 5 }\n",
      "lb.yaml:13:5: pools.web.sticky.cookie: is missing, must be text",
    ],
  ])("%s -> %s is refused at its place", (from, to, fault) => {
    expect(faultsOf(broken(from, to))).toEqual([fault]);
  });

  it("is reported together with all the others, in the order of the text", () => {
    const text = broken("pool: auth", "pool: nobody")
      .replace("weight: 3", "weight: x")
      .replace("bind:", "bnid:");
    expect(faultsOf(text).map((line) => line.split(": ")[1])).toEqual([
      "listeners[0].bind",
      "listeners[0].bnid",
      "listeners[0].routes[0].pool",
      "pools.web.upstreams[0].weight",
    ]);
  });

  it("is refused when all weights of a pool are 0", () => {
    const text = broken("weight: 3", "weight: 0").replace("127.0.0.1:9102 }", "127.0.0.1:9102, weight: 0 }");
    expect(faultsOf(text)).toEqual([
      "lb.yaml:14:5: pools.web.upstreams: every weight is 0, so that nothing would be served: at least one must be above 0",
    ]);
  });

  it("never reaches the terminal raw", () => {
    expect(faultsOf(broken("name: web-1", 'name: "a\\e[31m\\u009b"')).join("")).toContain(
      '"a\\u001b[31m\\u009b"',
    );
    expect(faultsOf(broken("weight: 3", '"a\\e[31m": 3')).join("")).toContain('["a\\u001b[31m"]');
  });
});

describe("two binds", () => {
  const second = (bind: string) =>
    broken("pools:\n", `  - { name: other, bind: "${bind}", routes: [{ path: /, pool: web }] }\npools:\n`);
  it.each(["127.0.0.1:8080", "localhost:8080", "0.0.0.0:8080", "[::]:8080"])("collide on %s", (bind) => {
    expect(faultsOf(second(bind)).join()).toContain("already taken by listener");
  });
  it.each(["127.0.0.1:8081", "127.0.0.2:8080", "127.0.0.1:0"])("go together with %s", (bind) => {
    expect(faultsOf(second(bind))).toEqual([]);
  });
});

describe("a text that is not one plain YAML document", () => {
  it.each([
    ["nothing at all", "", "1:1: the file is empty"],
    ["only a comment", "# later\n", "1:1: the file is empty"],
    ["a duplicate key", GOOD + "pools: {}\n", "17:1: pools: is given twice, first on line 7"],
    ["a second document", GOOD + "---\na: 1\n", "17:1: a second document begins here"],
    ["an unknown tag", broken("weight: 3", "weight: !magic 3"), "pools.web.upstreams[0].weight: has the tag"],
    ["a binary tag", broken("weight: 3", "weight: !!binary aaaa"), "has the tag"],
    ["a merge key", broken("  web:\n", "  web:\n    <<: { a: 1 }\n"), "13:5: pools.web: merging with <<"],
    ["an alias of nothing", broken("weight: 3", "weight: *w"), "*w stands for nothing"],
    ["an alias of itself", "a: &a [*a]\n", "1:8: a[0]: *a stands inside"],
    ["a key that is a list", "? [1]\n: 2\n", "1:3: a field's name must be text"],
    ["an older YAML", "%YAML 1.1\n---\n" + GOOD, "the %YAML directive asks for another version"],
    ["an unclosed bracket", "listeners: [\n", "not valid YAML"],
    ["a tab for indentation", "a:\n\tb: 1\n", "2:1: not valid YAML"],
    ["a list at the top", "- a\n", "1:1: is a list, must be a mapping of listeners, pools"],
    ["a word at the top", "hello\n", '1:1: is "hello", must be a mapping'],
    ["__proto__ as a key", GOOD + "__proto__: { admin: 1 }\n", "17:1: __proto__: is not a name"],
    ["brackets without end", "[".repeat(1_000_000), "nested too deep"],
    ["dashes without end", "- ".repeat(1_000_000), "nested too deep"],
    ["Latin-1", Buffer.from("a: 1\nb: caf\u00e9\n", "latin1"), "2:7: these bytes are not UTF-8"],
    ["UTF-16", Buffer.from("\uFEFFa: 1", "utf16le"), "1:1: the file is in UTF-16"],
    ["ten megabytes", Buffer.alloc(10_000_000, "a: [b]\n"), "1:1: the file has 10000000 bytes"],
  ])("is refused: %s", (_what, raw, fault) => {
    expect(faultsOf(raw).join("\n")).toContain(fault);
  });

  it("is refused when its aliases multiply", () => {
    const levels = Array.from(
      { length: 9 },
      (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(",")}]`,
    );
    expect(faultsOf(`a0: &a0 [x]\n${levels.join("\n")}\n`).join("\n")).toContain(
      "aliases stand for too much",
    );
  });

  it("leaves the prototype of every object alone", () => {
    faultsOf("__proto__: { polluted: 1 }\nconstructor: { prototype: { polluted: 1 } }\n");
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it("reports at most a thousand faults and how many more there are", () => {
    const upstreams = Array.from({ length: 1500 }, (_, i) => `      - { name: w-${i} }`).join("\n");
    const faults = faultsOf(`${GOOD}${upstreams}\n`);
    expect(faults.length).toBeLessThanOrEqual(1001);
  });
});

describe("a file with a great many faults", () => {
  const fields = (count: number) => Array.from({ length: count }, (_, i) => `k${i}: 1\n`).join("");

  it("is reported for the first thousand, with how many more there are", () => {
    const parsed = parseBalancerConfig(fields(3000), "lb.yaml");
    const faults = parsed.ok ? [] : parsed.faults;
    expect(faults).toHaveLength(1001);
    // Beside the unknown fields: listeners and pools are missing.
    expect(faults.at(-1)?.message).toBe("and 2002 more faults");
  });

  it("is not read to its end when no configuration has so many entries", () => {
    const parsed = parseBalancerConfig(fields(50_001), "lb.yaml");
    expect(parsed).toMatchObject({
      ok: false,
      faults: [{ line: 50_001, column: 1, message: "has too many entries, allowed are 50000" }],
    });
  });

  it("says of the first fifty fields that are given twice where they were first", () => {
    const parsed = parseBalancerConfig(fields(100).repeat(2), "lb.yaml");
    const twice = parsed.ok
      ? []
      : parsed.faults.filter(({ message }) => message.startsWith("is given twice"));
    expect(twice).toHaveLength(100);
    expect(twice[0]?.message).toBe("is given twice, first on line 1");
    expect(twice[99]?.message).toBe("is given twice");
  });
});

describe("what other proxies call it", () => {
  const policyFault = (type: string) => faultsOf(broken("type: ring-hash", `type: ${type}`))[0] ?? "";

  it.each([
    ["leastconn", "least-connections"],
    ["least_conn", "least-connections"],
    ["LEAST_REQUEST", "least-connections"],
    ["roundrobin", "round-robin"],
    ["static-rr", "round-robin"],
    ["source", "ring-hash"],
    ["p2c", "random-two"],
    ["MAGLEV", "maglev"],
  ])("policy %s leads to %s", (theirs, ours) => {
    expect(policyFault(theirs)).toContain(`did you mean ${ours}?`);
  });

  const routeFault = (route: string) => faultsOf(broken("path: /,", `${route},`))[0] ?? "";
  it.each([
    ["host: '*.shop.test', path: /", "there are no wildcards, a route without host takes every one"],
    ["host: bücher.test, path: /", "must be in ASCII, as clients send it: xn--bcher-kva.test"],
    ["path: /api/*", "must hold no *, since it takes all that is below it: /api"],
    ["path: /*", "must hold no *, since it takes all that is below it: /"],
    ["path: /a/*/b", "must hold no *, since it takes all that is below it"],
  ])("route %s is refused with what works", (route, message) => {
    expect(routeFault(route)).toContain(message);
  });
});
