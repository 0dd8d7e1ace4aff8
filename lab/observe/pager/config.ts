import { z } from "zod";
import type { Fault, Path } from "../../../runtime/yaml/fault.ts";
import { readYamlAs } from "../../../runtime/yaml/read-as.ts";
import { matcherTest } from "../label-matcher.ts";
import { parseDuration } from "../promql/literals.ts";
import type { LabelMatcher } from "../samples.ts";
import { parseMatcher } from "./matcher-text.ts";

/** Where alerts go, and how often: a node of Alertmanager's routing tree, with what it takes over from above. */
export interface Route {
  readonly receiver: string;
  readonly matchers: readonly LabelMatcher[];
  /** Undefined: by all labels. */
  readonly groupBy: readonly string[] | undefined;
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatIntervalMs: number;
  /** Alerts that match here also try the routes after this one. */
  readonly goesOn: boolean;
  readonly routes: readonly Route[];
}

/** While an alert fires that `source` matches, those that `target` matches and that agree in the `equal` labels are kept back. */
export interface InhibitRule {
  readonly source: readonly LabelMatcher[];
  readonly target: readonly LabelMatcher[];
  readonly equal: readonly string[];
}

export interface Receiver {
  readonly name: string;
  /** One for each webhook; none: nobody is told. */
  readonly webhooks: readonly { readonly sendsResolved: boolean; readonly maxAlerts: number }[];
}

export interface PagerConfig {
  readonly route: Route;
  readonly inhibitRules: readonly InhibitRule[];
  readonly receivers: readonly Receiver[];
}

export type ParsedPagerConfig =
  | { readonly ok: true; readonly config: PagerConfig }
  | { readonly ok: false; readonly faults: readonly Fault[] };

const duration = z
  .string()
  .transform((text) => (text === "0" ? 0 : parseDuration(text)))
  .refine((ms) => ms !== undefined, "is no duration; write it like 30s or 5m")
  .transform((ms) => ms ?? 0);

const matcher = z
  .string()
  .transform((text): LabelMatcher | undefined => {
    const found = parseMatcher(text);
    try {
      if (found) matcherTest(found);
      return found;
    } catch {
      return undefined;
    }
  })
  .refine((found) => found !== undefined, 'is no matcher; write it like severity="page"');

const routeFields = {
  receiver: z.string().optional(),
  matchers: z.array(matcher).default([]),
  group_by: z.array(z.string()).optional(),
  group_wait: duration.optional(),
  group_interval: duration.optional(),
  repeat_interval: duration.optional(),
  continue: z.boolean().default(false),
};
interface RouteInput extends z.infer<z.ZodObject<typeof routeFields>> {
  routes?: RouteInput[] | undefined;
}
const route: z.ZodType<RouteInput> = z.strictObject({
  ...routeFields,
  routes: z.lazy(() => z.array(route)).optional(),
});

/** The part of Alertmanager's configuration that is understood here; anything else is refused with its place. */
const pagerFile = z.strictObject({
  global: z.strictObject({ resolve_timeout: duration.optional() }).optional(),
  route,
  inhibit_rules: z
    .array(
      z.strictObject({
        source_matchers: z.array(matcher).default([]),
        target_matchers: z.array(matcher).default([]),
        equal: z.array(z.string()).default([]),
      }),
    )
    .default([]),
  receivers: z.array(
    z.strictObject({
      name: z.string().min(1),
      webhook_configs: z
        .array(
          z.strictObject({
            url: z.url(),
            send_resolved: z.boolean().default(true),
            max_alerts: z.int().min(0).default(0),
          }),
        )
        .default([]),
    }),
  ),
});

/** What Alertmanager takes where nothing is said. */
const DEFAULTS = { groupWaitMs: 30_000, groupIntervalMs: 300_000, repeatIntervalMs: 4 * 3_600_000 };

/** Alertmanager's own configuration, or everything that is wrong with it, each with its place. */
export function parsePagerConfig(text: string, file: string): ParsedPagerConfig {
  const read = readYamlAs(text, file, pagerFile);
  if (!read.ok) return read;
  const { value, faultAt } = read;
  const faults: Fault[] = [];
  const known = new Set(value.receivers.map(({ name }) => name));

  function routeOf(given: RouteInput, path: Path, above: Route | undefined): Route {
    const receiver = given.receiver ?? above?.receiver ?? "";
    if (!known.has(receiver))
      faults.push(faultAt([...path, "receiver"], `there is no receiver "${receiver}"`));
    const groupBy = given.group_by ?? (above ? above.groupBy : []);
    const made: Route = {
      receiver,
      matchers: given.matchers,
      groupBy: groupBy?.includes("...") ? undefined : groupBy,
      groupWaitMs: given.group_wait ?? above?.groupWaitMs ?? DEFAULTS.groupWaitMs,
      groupIntervalMs: given.group_interval ?? above?.groupIntervalMs ?? DEFAULTS.groupIntervalMs,
      repeatIntervalMs: given.repeat_interval ?? above?.repeatIntervalMs ?? DEFAULTS.repeatIntervalMs,
      goesOn: given.continue,
      routes: [],
    };
    const routes = (given.routes ?? []).map((one, i) => routeOf(one, [...path, "routes", i], made));
    return { ...made, routes };
  }

  const top = routeOf(value.route, ["route"], undefined);
  if (value.route.matchers.length > 0)
    faults.push(faultAt(["route", "matchers"], "the root route takes every alert: it has no matchers"));
  if (faults.length > 0) return { ok: false, faults };
  return {
    ok: true,
    config: {
      route: top,
      inhibitRules: value.inhibit_rules.map(({ source_matchers: source, target_matchers: target, equal }) => {
        return { source, target, equal };
      }),
      receivers: value.receivers.map(({ name, webhook_configs: webhooks }) => ({
        name,
        webhooks: webhooks.map(({ send_resolved: sendsResolved, max_alerts: maxAlerts }) => {
          return { sendsResolved, maxAlerts };
        }),
      })),
    },
  };
}
