import { z } from "zod";
import { CodedError } from "../runtime/errors.ts";

/** A toy backend's configuration: the one source of its type and its checks. */

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/, "must be a name of letters, digits, '.', '_' and '-'");
const url = z
  .string()
  .regex(/^http:\/\/[A-Za-z0-9.-]+:\d{1,5}$/, "must be http://HOST:PORT")
  .refine((text) => URL.canParse(text), "must be http://HOST:PORT");
const ms = z.number().positive().max(3_600_000);

const capacity = z.strictObject({
  slots: z.int().min(1).max(10_000).describe("Requests served side by side"),
  serviceMs: ms.describe("Mean service time"),
  sigma: z.number().min(0).max(3).optional().describe("Shape of the lognormal service time; 0.4 when absent"),
  queueLimit: z
    .int()
    .min(0)
    .max(100_000)
    .describe("Requests that may wait for a slot; more are refused with 503"),
  crash: z
    .strictObject({ refusalsPerSecond: z.number().positive().max(100_000), forMs: ms })
    .optional()
    .describe("Exits when more than this is refused in every second of forMs; absent: never"),
  warmup: z
    .strictObject({ forMs: ms, factor: z.number().min(1).max(1000) })
    .optional()
    .describe("After its start service takes factor times as long, falling linearly to once over forMs"),
});

const errors = z.strictObject({
  ratio: z.number().min(0).max(1).describe("Share of requests that it answers with `status` instead"),
  status: z.int().min(500).max(599).optional().describe("500 when absent"),
  fast: z
    .boolean()
    .optional()
    .describe("true: at once, without a slot or a query, as a process does whose start went wrong"),
});

const costs = z
  .array(
    z.strictObject({
      path: z
        .string()
        .startsWith("/")
        .describe("Paths that begin like this; the longest one that fits counts"),
      factor: z.number().positive().max(1000).describe("Their service takes so many times as long"),
    }),
  )
  .max(100);

const keepAlive = z.strictObject({
  idleMs: ms.describe("Closes a connection on which no request has come for so long"),
  announced: z
    .boolean()
    .optional()
    .describe(
      "true: says so in every answer (Keep-Alive: timeout=N, whole seconds), so that clients can leave first",
    ),
});

/** Settings of a release, in place of the configuration's own. */
const release = z.strictObject({
  errors: errors.optional(),
  costs: costs.optional(),
  serviceMs: ms.optional().describe("Mean service time of this release"),
});

/** Limit of pages in a web server's cache. */
export const MAX_CACHED_PAGES = 1_000_000;

export const backendConfig = z.strictObject({
  name,
  role: z.enum(["web", "auth", "database", "api", "site"]),
  host: z.string().min(1).default("127.0.0.1"),
  port: z.int().min(0).max(65_535).describe("0: any free one"),
  version: z
    .string()
    .regex(/^[\w.+-]{1,64}$/, "must be a version")
    .describe("Shown in every answer"),
  seed: z.union([z.int(), z.string()]),
  capacity,
  cache: z
    .strictObject({
      pages: z.int().min(1).max(MAX_CACHED_PAGES).describe("Pages it has room for; more push the oldest out"),
      idleMs: ms.max(86_400_000).optional().describe("Given back after so long without a use; absent: never"),
    })
    .optional()
    .describe("web: a page that is in it needs no query; empty at its start; absent: none"),
  errors: errors.optional().describe("Absent: it answers every request that it serves"),
  costs: costs.optional().describe("Paths that take longer, or less; absent: all take the same"),
  releases: z
    .record(z.string(), release)
    .optional()
    .describe("By version: what a deployment of that version brings"),
  keepAlive: keepAlive.optional().describe("Absent: it never closes an idle connection"),
  sessionSeconds: z.number().positive().max(31_536_000).optional().describe("auth: a session's mean life"),
  calls: z
    .strictObject({
      database: url.optional().describe("web, site: asked for every page"),
      auth: z.record(name, url).optional().describe("web: auth servers by name, asked whose a session is"),
      shop: url.optional().describe("api: the address the shop's users use"),
    })
    .optional(),
  timeoutMs: ms.optional().describe("For each call to another server; 2000 when absent"),
});

export type BackendConfig = z.infer<typeof backendConfig>;
export type KeepAlive = z.infer<typeof keepAlive>;
export type Role = BackendConfig["role"];

/** The idle timeout that its answers announce, in milliseconds; undefined when they announce none. */
export const announcedMs = ({ idleMs, announced = false }: KeepAlive): number | undefined =>
  announced ? Math.floor(idleMs / 1000) * 1000 : undefined;

/** The configuration with the settings of its version. */
export function releaseOf({ releases, ...config }: BackendConfig): BackendConfig {
  const own = releases && Object.hasOwn(releases, config.version) ? releases[config.version] : undefined;
  if (own === undefined) return config;
  const { serviceMs, ...rest } = own;
  return {
    ...config,
    ...rest,
    capacity: serviceMs === undefined ? config.capacity : { ...config.capacity, serviceMs },
  };
}

/** Parses a backend's configuration strictly; a CodedError names every field that is wrong. */
export function parseBackendConfig(raw: unknown): BackendConfig {
  const parsed = backendConfig.safeParse(raw);
  if (!parsed.success) throw new CodedError("CONFIG_INVALID", z.prettifyError(parsed.error));
  return parsed.data;
}
