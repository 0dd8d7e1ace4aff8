import type { Fault, Path } from "../../../runtime/yaml/fault.ts";
import { readDocument } from "../../../runtime/yaml/document.ts";
import { readYamlAs } from "../../../runtime/yaml/read-as.ts";
import type { LabelMatcher } from "../samples.ts";
import { pagerFile, type WrittenReceiver, type WrittenRoute } from "./config-file.ts";
import { writeYaml } from "../../../runtime/yaml/write.ts";

/** Where alerts go, and how often: a node of Alertmanager's routing tree, with the values that it inherits. */
export interface Route {
  readonly receiver: string;
  readonly matchers: readonly LabelMatcher[];
  /** Undefined: by all labels. */
  readonly groupBy: readonly string[] | undefined;
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatIntervalMs: number;
  /** Alerts that match here also go to the routes after this one that match. */
  readonly goesOn: boolean;
  readonly routes: readonly Route[];
}

/** While an alert fires that `source` matches, those that `target` matches with the same `equal` labels are inhibited. */
export interface InhibitRule {
  readonly source: readonly LabelMatcher[];
  readonly target: readonly LabelMatcher[];
  readonly equal: readonly string[];
}

/** Who is notified. A webhook's URL is for the real Alertmanager: the lab's pager notifies within its process. */
export interface Receiver {
  readonly name: string;
  /** One for each webhook; none: nobody is notified. */
  readonly webhooks: readonly WebhookOptions[];
}

export interface WebhookOptions {
  readonly sendsResolved: boolean;
  /** 0: all. */
  readonly maxAlerts: number;
}

export interface PagerConfig {
  /** Alerts that were not observed for so long end. */
  readonly resolveTimeoutMs: number;
  readonly route: Route;
  readonly inhibitRules: readonly InhibitRule[];
  readonly receivers: readonly Receiver[];
  /** The file's content as it may be shown, with `<secret>` in place of secrets. */
  readonly text: string;
}

export type ParsedPagerConfig =
  | { readonly ok: true; readonly config: PagerConfig }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** Alertmanager's defaults. */
const DEFAULTS = { groupWaitMs: 30_000, groupIntervalMs: 300_000, repeatIntervalMs: 4 * 3_600_000 };
const DEFAULT_RESOLVE_TIMEOUT_MS = 300_000;

/** Parses Alertmanager's own configuration; of a wrong one, reports all faults with their places. */
export function parsePagerConfig(text: string, file: string): ParsedPagerConfig {
  const read = readYamlAs(text, file, pagerFile);
  if (!read.ok) return read;
  const { value, faultAt } = read;
  const faults: Fault[] = [];
  const receivers = new Set<string>();
  for (const [i, { name, webhook_configs: webhooks }] of value.receivers.entries()) {
    const path: Path = ["receivers", i];
    if (receivers.has(name)) faults.push(faultAt([...path, "name"], `there are two receivers "${name}"`));
    receivers.add(name);
    for (const [j, { http_config: http }] of webhooks.entries())
      if (http?.authorization?.credentials !== undefined && http.authorization.credentials_file !== undefined)
        faults.push(
          faultAt(
            [...path, "webhook_configs", j, "http_config", "authorization"],
            "has both credentials and credentials_file",
          ),
        );
  }

  function routeOf(written: WrittenRoute, path: Path, above: Route | undefined): Route {
    const receiver = written.receiver ?? above?.receiver;
    if (receiver === undefined)
      faults.push(faultAt(path, "the first route takes every alert: it needs a receiver"));
    else if (!receivers.has(receiver))
      faults.push(faultAt([...path, "receiver"], `there is no receiver "${receiver}"`));
    // An empty list counts as absent, as in Alertmanager.
    const groupBy = written.group_by?.length ? written.group_by : undefined;
    const made: Route = {
      receiver: receiver ?? "",
      matchers: written.matchers,
      groupBy: groupBy ? (groupBy.includes("...") ? undefined : groupBy) : above ? above.groupBy : [],
      groupWaitMs: written.group_wait ?? above?.groupWaitMs ?? DEFAULTS.groupWaitMs,
      groupIntervalMs: written.group_interval ?? above?.groupIntervalMs ?? DEFAULTS.groupIntervalMs,
      repeatIntervalMs: written.repeat_interval ?? above?.repeatIntervalMs ?? DEFAULTS.repeatIntervalMs,
      goesOn: written.continue,
      routes: [],
    };
    const routes = (written.routes ?? []).map((one, i) => routeOf(one, [...path, "routes", i], made));
    return { ...made, routes };
  }

  const root = routeOf(value.route, ["route"], undefined);
  if (root.matchers.length > 0)
    faults.push(faultAt(["route", "matchers"], "the first route takes every alert: it has no matchers"));
  if (root.goesOn) faults.push(faultAt(["route", "continue"], "there is no route after the first one"));
  if (faults.length > 0)
    return { ok: false, faults: faults.sort((a, b) => a.line - b.line || a.column - b.column) };
  return {
    ok: true,
    config: {
      text: shown(text),
      resolveTimeoutMs: value.global?.resolve_timeout ?? DEFAULT_RESOLVE_TIMEOUT_MS,
      route: root,
      inhibitRules: value.inhibit_rules.map(
        ({ source_matchers: source, target_matchers: target, equal }) => ({ source, target, equal }),
      ),
      receivers: value.receivers.map(receiverOf),
    },
  };
}

function receiverOf({ name, webhook_configs: webhooks }: WrittenReceiver): Receiver {
  return {
    name,
    webhooks: webhooks.map(({ send_resolved: sendsResolved, max_alerts: maxAlerts }) => ({
      sendsResolved,
      maxAlerts,
    })),
  };
}

/** Fields whose value Alertmanager never shows; a webhook's URL often is a secret by itself. */
const SECRETS: ReadonlySet<string> = new Set(["url", "credentials"]);

const shown = (text: string): string =>
  writeYaml(
    JSON.parse(
      JSON.stringify(readDocument(text).value, (name, value: unknown) =>
        SECRETS.has(name) ? "<secret>" : value,
      ),
    ),
  );
