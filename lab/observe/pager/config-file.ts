import { z } from "zod";
import { messageOf } from "../../../runtime/errors.ts";
import { Secret } from "../../../runtime/secret.ts";
import { matcherTest } from "../label-matcher.ts";
import { parseDuration } from "../promql/literals.ts";
import type { LabelMatcher } from "../samples.ts";
import { parseMatcher } from "./matcher-text.ts";

/** Fields of Alertmanager that the lab's pager does not support: ignoring them would notify other people than the file says. */
const notHere = z.never({ error: "is understood by Alertmanager, but not by the lab's pager" }).optional();
const without = (...names: string[]): Record<string, typeof notHere> =>
  Object.fromEntries(names.map((name) => [name, notHere]));

const duration = z
  .union([z.string(), z.literal(0)], { error: "is no duration; write it like 30s or 5m" })
  .transform((text, context) => {
    const ms = text === 0 || text === "0" ? 0 : parseDuration(text);
    if (ms !== undefined) return ms;
    context.addIssue("is no duration; write it like 30s or 5m");
    return z.NEVER;
  });
const positiveDuration = duration.refine((ms) => ms > 0, "must be more than nothing");

const matcher = z.string().transform((text, context): LabelMatcher => {
  const found = parseMatcher(text);
  if (!found) {
    context.addIssue('is no matcher; write each as an entry of its own, like severity="page"');
    return z.NEVER;
  }
  try {
    matcherTest(found);
  } catch (error) {
    context.addIssue(messageOf(error));
  }
  return found;
});

const LABEL = /^[A-Za-z_]\w*$/;
const labelName = z.string().regex(LABEL, "is no label's name");
const groupBy = z
  .array(z.string().regex(/^(?:[A-Za-z_]\w*|\.\.\.)$/, "is neither a label's name nor ..."))
  .refine((names) => new Set(names).size === names.length, "names a label twice")
  .refine((names) => names.length < 2 || !names.includes("..."), "has other labels beside ..., which is all");

const routeFields = {
  receiver: z.string().min(1).optional(),
  matchers: z.array(matcher).default([]),
  group_by: groupBy.optional(),
  group_wait: duration.optional(),
  group_interval: positiveDuration.optional(),
  repeat_interval: positiveDuration.optional(),
  continue: z.boolean().default(false),
};

/** A node of the routing tree as it is written. */
export interface WrittenRoute extends z.infer<z.ZodObject<typeof routeFields>> {
  routes?: WrittenRoute[] | undefined;
}

const route: z.ZodType<WrittenRoute> = z.strictObject({
  ...without("match", "match_re", "mute_time_intervals", "active_time_intervals"),
  ...routeFields,
  routes: z.lazy(() => z.array(route)).optional(),
});

const inhibitRule = z.strictObject({
  ...without("source_match", "source_match_re", "target_match", "target_match_re", "name"),
  source_matchers: z.array(matcher).default([]),
  target_matchers: z.array(matcher).default([]),
  equal: z.array(labelName).default([]),
});

const HTTP_OPTIONS = ["basic_auth", "oauth2", "tls_config", "follow_redirects", "enable_http2", "proxy_url"];
const PROXY_OPTIONS = ["no_proxy", "proxy_from_environment", "proxy_connect_header", "http_headers"];

const webhook = z.strictObject({
  ...without("url_file", "timeout", "payload"),
  url: z
    .url({ protocol: /^https?$/, error: "is no http or https URL" })
    .transform((text) => new Secret(text)),
  send_resolved: z.boolean().default(true),
  max_alerts: z.int().min(0).default(0),
  http_config: z
    .strictObject({
      ...without(...HTTP_OPTIONS, ...PROXY_OPTIONS),
      authorization: z
        .strictObject({
          type: z.string().optional(),
          credentials: z
            .string()
            .transform((text) => new Secret(text))
            .optional(),
          credentials_file: z.string().optional(),
        })
        .optional(),
    })
    .optional(),
});

/** Beside `webhook_configs`. */
const OTHER_RECEIVERS = [
  "discord",
  "email",
  "incidentio",
  "jira",
  "mattermost",
  "msteams",
  "msteamsv2",
  "opsgenie",
  "pagerduty",
  "pushover",
  "rocketchat",
  "slack",
  "sns",
  "telegram",
  "victorops",
  "webex",
  "wechat",
].map((kind) => `${kind}_configs`);

const GLOBALS = ["http_config", "smtp_from", "smtp_smarthost", "smtp_hello", "smtp_require_tls"];
const GLOBAL_SECRETS = ["smtp_auth_username", "smtp_auth_password", "slack_api_url", "slack_api_url_file"];

/** The part of Alertmanager's configuration that is understood here, in its own words. */
export const pagerFile = z.strictObject({
  ...without("templates", "time_intervals", "mute_time_intervals", "tracing"),
  global: z
    .strictObject({
      ...without(...GLOBALS, ...GLOBAL_SECRETS, "pagerduty_url", "opsgenie_api_url", "opsgenie_api_key"),
      resolve_timeout: positiveDuration.optional(),
    })
    .optional(),
  route,
  inhibit_rules: z.array(inhibitRule).default([]),
  receivers: z.array(
    z.strictObject({
      ...without(...OTHER_RECEIVERS),
      name: z.string().min(1),
      webhook_configs: z.array(webhook).default([]),
    }),
  ),
});

export type WrittenReceiver = z.infer<typeof pagerFile>["receivers"][number];
