import { z } from "zod";
import { policyOptions } from "../policies/index.ts";
import { isIpv4, isIpv6, parseAddressRange } from "../../runtime/ip-address.ts";
import { parseAddress } from "../address.ts";
import { LOG_LEVELS } from "../../runtime/log-level.ts";
import { DEFAULT_ENGINE, ENGINES } from "../transport/engines.ts";
import { headerRules } from "./header-rules.ts";
import { ROLES } from "./rollout/identity.ts";
import { rolloutOptions } from "./rollout/options.ts";
import { filePath, tlsOptions } from "./tls-options.ts";

/** The balancer's configuration: the one source of its types, its checks, its JSON Schema and its documentation. */

export const DEFAULT_ADMIN_BIND = "127.0.0.1:8404";
export const MAX_LISTENERS = 64;

const ms = (fallback: number) => z.int().min(1).max(3_600_000).default(fallback);
const optionalMs = z.int().min(1).max(3_600_000).optional();
const longMs = (fallback: number) => z.int().min(1).max(86_400_000).default(fallback);
const optionalLongMs = z.int().min(1).max(86_400_000).optional();
const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/, "must be a name of letters, digits, '.', '_' and '-'");
const address = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, "must be HOST:PORT")
  .refine(
    hasRealHost,
    "must have a host name, an IPv4 address or an IPv6 address in brackets before the port",
  )
  .refine((text) => parseAddress(text).port <= 65_535, "must have a port up to 65535");
const upstreamAddress = address.refine(
  (text) => parseAddress(text).port !== 0,
  "must have a port from 1 to 65535",
);
const urlPath = z.string().regex(/^\/[!"$->@-~]*$/, "must begin with / and hold neither spaces, '?' nor '#'");

/** What a Host header may hold (RFC 9110, 7.2). */
const authority = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/, "must be a host name, with a port or without");

const routePath = urlPath.refine((path) => !path.includes("*"), {
  error: ({ input }) => `must hold no *, since it takes all that is below it${withoutStar(String(input))}`,
});

function isAscii(text: string): boolean {
  return /^[!-~]*$/.test(text);
}

function inPunycode(host: string): string {
  try {
    return `: ${new URL(`http://${host}`).hostname}`;
  } catch {
    return "";
  }
}

function withoutStar(path: string): string {
  const plain = path.replace(/\/?\*+$/, "");
  return plain.includes("*") ? "" : `: ${plain === "" ? "/" : plain}`;
}

function hasRealHost(text: string): boolean {
  const { host } = parseAddress(text);
  if (text.startsWith("[")) return isIpv6(host);
  return !/^[0-9.]+$/.test(host) || isIpv4(host);
}

/** A protocol's name, with its version or without (RFC 9110, 7.8). */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+(\/[!#$%&'*+.^_`|~0-9A-Za-z-]+)?$/;

/** Refuses the patterns of nginx and others, with the plain host that does the same here. */
const routeHost = z
  .string()
  .refine((host) => !host.includes("*"), {
    abort: true,
    error: "must be a whole host name: there are no wildcards, a route without host takes every one",
  })
  .refine(isAscii, {
    abort: true,
    error: ({ input }) => `must be in ASCII, as clients send it${inPunycode(String(input))}`,
  })
  .regex(/^(\[[0-9a-fA-F:.]+\]|[^\s:/?#@[\]]+)$/, "must be a host name without a port")
  .toLowerCase();

const route = z.strictObject({
  host: routeHost.optional().describe("Host header to match, without port; absent: any host"),
  path: routePath.describe("Path prefix, matched on whole segments: /login matches /login and /login/x"),
  pool: name.describe("Pool that serves it"),
  headers: headerRules.optional(),
});

const listener = z.strictObject({
  name,
  bind: address.describe("Address and port to accept on"),
  tls: tlsOptions.optional().describe("Ends TLS here and goes on in plain HTTP; absent: plain HTTP"),
  maxConnections: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe(
      "Client connections at most, further ones are closed at once; absent: half of the descriptors that the process may open, less 64, which all listeners together never go beyond",
    ),
  upgrades: z
    .array(z.string().regex(TOKEN, "must be a protocol as Upgrade names it").toLowerCase())
    .max(16)
    .default(["websocket"])
    .describe(
      "Protocols that a request without a body may switch to: what follows is a tunnel, past routes, header rules and log; any other Upgrade is ignored",
    ),
  routes: z.array(route).min(1).describe("First match wins"),
});

const statusRange = z
  .string()
  .regex(/^[1-5]\d\d(-[1-5]\d\d)?$/, "must be a status or a range such as 200-399")
  .refine((range) => range.slice(0, 3) <= range.slice(-3), "must not run backwards");

const health = z.strictObject({
  path: z
    .string()
    .regex(/^\/[!-~]*$/, "must begin with / and hold no spaces")
    .describe("What is asked for with GET"),
  host: authority.optional().describe("The Host that it is asked with; absent: the upstream's address"),
  intervalMs: ms(2000),
  timeoutMs: ms(1000),
  fall: z.int().min(1).max(100).default(3).describe("Failed checks in a row that take an upstream DOWN"),
  rise: z.int().min(1).max(100).default(2).describe("Passed checks in a row that bring it UP"),
  status: statusRange.default("200-399"),
});

const RETRY_CONDITIONS = ["connect-failure", "reset", "timeout", "5xx"] as const;

const retry = z.strictObject({
  attempts: z.int().min(0).max(10).default(1).describe("Attempts after the first"),
  on: z.array(z.enum(RETRY_CONDITIONS)).default(["connect-failure"]),
  budgetPercent: z
    .int()
    .min(0)
    .max(100)
    .default(20)
    .describe("Retries allowed per 100 requests, never under 3 at a time"),
  backoffMs: z
    .int()
    .min(0)
    .max(60_000)
    .default(0)
    .describe(
      "Longest wait before the first retry, twice as long before each later one, ten times at most; the wait is drawn below that",
    ),
  redispatch: z
    .boolean()
    .default(false)
    .describe("May a hashed or sticky request be retried on another upstream?"),
});

const outlier = z.strictObject({
  consecutive5xx: z
    .int()
    .min(1)
    .max(1000)
    .default(5)
    .describe("Failures in a row, 5xx answers and failed attempts, that eject an upstream"),
  ejectionSeconds: z
    .int()
    .min(1)
    .max(3600)
    .default(30)
    .describe("How long the first ejection lasts; the second twice as long, and so on, up to 300 s"),
  maxEjectedPercent: z
    .int()
    .min(1)
    .max(100)
    .default(10)
    .describe("Part of the pool that may be ejected at a time; one always may"),
});

const upstream = z.strictObject({
  name,
  address: upstreamAddress,
  weight: z.int().min(0).max(256).default(1).describe("Share of the traffic; 0 takes no new requests"),
  maxConnections: z
    .int()
    .min(1)
    .max(100_000)
    .default(64)
    .describe("Requests in flight at most; what has become a tunnel, such as a WebSocket, takes no place"),
  state: z.enum(["ready", "drain", "maintenance"]).default("ready"),
});

const pool = z.strictObject({
  policy: policyOptions,
  sticky: z
    .strictObject({
      cookie: z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "must be a cookie name"),
      ttlSeconds: z
        .int()
        .min(1)
        .max(31_536_000)
        .default(600)
        .describe(
          "How long after its last answer a client comes back to its upstream: each answer begins it anew",
        ),
      sameSite: z
        .enum(["lax", "strict", "none"])
        .default("lax")
        .describe(
          "Whether it comes with requests from other sites' pages; none needs TLS, as browsers want Secure with it",
        ),
    })
    .optional()
    .describe(
      "Cookie that keeps a client on its upstream; absent: none. It is Secure over TLS, here or at a trusted proxy, and always with sameSite none or a name that begins with __Host- or __Secure-",
    ),
  health: health
    .optional()
    .describe(
      "Active health checks; absent: every upstream counts as UP, whatever its state, with the status no check",
    ),
  outlier: outlier.optional().describe("Ejects upstreams whose attempts fail; absent: off"),
  queue: z
    .strictObject({
      limit: z
        .int()
        .min(0)
        .max(100_000)
        .default(128)
        .describe("Requests that may wait for a free connection"),
      timeoutMs: ms(2000),
    })
    .prefault({}),
  retry: retry.prefault({}),
  timeouts: z
    .strictObject({
      connectMs: optionalMs,
      responseMs: optionalMs,
      bodyIdleMs: optionalMs,
      streamIdleMs: optionalLongMs,
      totalMs: optionalMs,
    })
    .prefault({})
    .describe("Override the global ones for this pool"),
  slowStartMs: z
    .int()
    .min(0)
    .max(3_600_000)
    .default(0)
    .describe(
      "Time in which an upstream that comes UP gets to its full weight; not with ring-hash and maglev",
    ),
  allDown: z
    .enum(["refuse", "all"])
    .default("refuse")
    .describe("With every upstream DOWN or ejected: refuse with 503, or send to all of them"),
  panicBelowPercent: z
    .int()
    .min(0)
    .max(100)
    .default(0)
    .describe(
      "With allDown all: send to all of them already when fewer than this percentage of those that are ready are healthy (panic mode); 0: when none is",
    ),
  upstreams: z.array(upstream).min(1).max(20_000),
});

export const balancerConfig = z.strictObject({
  listeners: z.array(listener).min(1).max(MAX_LISTENERS),
  pools: z.record(name, pool),
  engine: z.enum(ENGINES).default(DEFAULT_ENGINE).describe("What carries requests to upstreams"),
  timeouts: z
    .strictObject({
      connectMs: ms(2000).describe("To open a connection to an upstream"),
      responseMs: ms(10_000).describe("From the request being sent to the head of the answer"),
      clientHeadMs: ms(15_000).describe("For a client to send a whole request head"),
      clientBodyMs: ms(20_000).describe(
        "For a client to send a request's body; each 500 bytes that come give it a second more, up to this again",
      ),
      idleMs: ms(30_000).describe("Without a byte moving in a body; and of an idle client connection"),
      bodyIdleMs: optionalMs.describe("Without a byte moving in an answer's body; absent: idleMs"),
      streamIdleMs: longMs(3_600_000).describe(
        "Without an event in an answer of text/event-stream, in place of bodyIdleMs",
      ),
      totalMs: optionalMs.describe(
        "From a request's head to the end of its answer, waits and retries included; absent: no limit",
      ),
    })
    .prefault({}),
  trustedProxies: z
    .array(
      z
        .string()
        .refine(
          (text) => parseAddressRange(text) !== undefined,
          "must be an IP address or a range such as 10.0.0.0/8",
        ),
    )
    .default([])
    .describe("Peers whose X-Forwarded-* headers are kept"),
  ambiguousFields: z
    .enum(["drop", "drop-all", "refuse", "pass"])
    .default("drop")
    .describe(
      "A request's fields that backends of the CGI kind take for one that the balancer writes or leaves out, such as X_Forwarded_For, and Proxy: leave them out; leave out every field whose name has more than letters, digits and hyphens; refuse the request with 400; or pass them on",
    ),
  log: z
    .strictObject({
      level: z
        .enum(LOG_LEVELS)
        .optional()
        .describe("The least that is logged; debug has a line for each refused request; absent: info"),
    })
    .prefault({})
    .describe("The balancer's own log; LBLAB_LOG_LEVEL goes before it"),
  accessLog: z
    .strictObject({
      path: filePath.describe(
        "Made if it is not there, and appended to. Links are followed, as logs on another disk need it: only those who are trusted should be able to write to its directory",
      ),
      format: z
        .enum(["json", "haproxy", "off"])
        .default("json")
        .describe(
          "json has all that is known of a request, among it each attempt's result and why its upstream was picked (`tries`)",
        ),
    })
    .optional()
    .describe("Absent: no access log"),
  admin: z
    .strictObject({
      bind: address,
      hosts: z
        .array(z.string().regex(/^[A-Za-z0-9.-]+:\d{1,5}$/, "must be NAME:PORT"))
        .max(10)
        .default([])
        .describe("Further names under which it may be asked, as others in its network call it"),
      tokens: z
        .array(
          z.strictObject({
            name: name.describe("Who holds it: the author of what it changes"),
            role: z
              .enum(ROLES)
              .describe("viewer looks, operator changes and proposes, reviewer approves as well"),
            file: filePath.describe("Its file, mode 0600, 16 characters or more"),
          }),
        )
        .max(100)
        .default([])
        .describe(
          "Tokens for changes, one for each person, beside the one of --admin-token; read again with every configuration",
        ),
    })
    .prefault({ bind: DEFAULT_ADMIN_BIND }),
  environment: name
    .optional()
    .describe(
      "What this balancer serves, such as production: a configuration for another environment, or for none, is refused; absent: any is taken",
    ),
  rollout: rolloutOptions
    .optional()
    .describe("How changes of the configuration are guarded; absent: none of it"),
});

export type BalancerConfig = z.infer<typeof balancerConfig>;
export type ListenerConfig = BalancerConfig["listeners"][number];
export type PoolConfig = BalancerConfig["pools"][string];
export type UpstreamConfig = PoolConfig["upstreams"][number];
export type RetryCondition = (typeof RETRY_CONDITIONS)[number];
