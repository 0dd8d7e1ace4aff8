import type { AlertView } from "../../observe/alert-log.ts";
import { EXIT } from "../../../runtime/errors.ts";
import { matcherText } from "../../observe/pager/matcher-text.ts";
import { labelMatcher } from "../../observe/pager/silence-view.ts";
import { matcherOf } from "../../trainee/matcher.ts";
import type { Look } from "./look.ts";
import { paint } from "../output.ts";
import { table, timeOf } from "../tables.ts";

/** Shows the alerts: active ones first, then resolved ones. */
export async function showAlerts({ client, output }: Look): Promise<void> {
  const alerts = await client.alerts();
  if (output.json) return output.printJson({ schemaVersion: 1, alerts });
  if (alerts.length === 0) return output.print("no alerts");
  const now = alerts.filter(({ state }) => state !== "resolved").sort(byWeight);
  const over = alerts.filter(({ state }) => state === "resolved");
  output.print(
    table(
      [
        "alert",
        { head: "severity", dropRank: 1 },
        "state",
        { head: "active since", dropRank: 3 },
        { head: "fired", dropRank: 2 },
        { head: "resolved", dropRank: 4 },
        { head: "labels", dropRank: 5, wrap: true },
        { head: "summary", wrap: true },
      ],
      [...now, ...over].map((alert) => [
        alert.severity === "page" && alert.state === "firing" ? paint("red", alert.name) : alert.name,
        alert.severity,
        stateText(alert),
        timeOf(alert.activeAt),
        alert.firedAt === undefined ? undefined : timeOf(alert.firedAt),
        alert.resolvedAt === undefined ? undefined : timeOf(alert.resolvedAt),
        labelsText(alert.labels),
        alert.summary,
      ]),
      output.width,
    ),
  );
  for (const { name, runbook } of firstOfEach(now))
    if (runbook !== "") output.note(`${name}: what it means and what to look at: ${runbook}`);
}

/** `firing`, whether it is resolving, and what suppresses its notifications. */
function stateText({ state, suppressed, acknowledged, resolving }: AlertView): string {
  const more = [
    resolving ? `resolving since ${timeOf(resolving.since)}` : undefined,
    suppressed,
    acknowledged ? "acknowledged" : undefined,
  ].filter((word) => word !== undefined);
  return more.length === 0 ? state : `${state} (${more.join(", ")})`;
}

const WEIGHT: Readonly<Record<AlertView["state"], number>> = { firing: 0, pending: 1, resolved: 2 };
const byWeight = (a: AlertView, b: AlertView): number =>
  WEIGHT[a.state] - WEIGHT[b.state] ||
  Number(a.severity !== "page") - Number(b.severity !== "page") ||
  a.activeAt - b.activeAt;

const firstOfEach = (alerts: readonly AlertView[]): AlertView[] => [
  ...new Map(alerts.map((alert) => [alert.name, alert])).values(),
];

/** The labels that distinguish an alert from others of its name. */
const labelsText = (labels: AlertView["labels"]): string =>
  Object.entries(labels)
    .filter(([name]) => name !== "alertname" && name !== "severity")
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");

export async function acknowledge({ client, output }: Look, alert: string | undefined): Promise<number> {
  const taken = await client.acknowledge({ alert });
  if (output.json) output.printJson({ schemaVersion: 1, acknowledged: taken });
  else
    output.print(
      taken.length === 0
        ? `nothing${alert === undefined ? "" : ` called ${alert}`} fires that was not acknowledged already`
        : `acknowledged: ${taken.map(({ name }) => name).join(", ")}`,
    );
  return taken.length === 0 ? EXIT.notSolved : EXIT.ok;
}

export interface SilenceFlags {
  readonly seconds: number;
  readonly comment: string;
}

/** Matchers as Alertmanager writes them, `severity=inform` or `upstream=~"web-.*"`; a bare word is an alert's name. */
export async function silence(
  { client, output }: Look,
  matchers: readonly string[],
  { seconds, comment }: SilenceFlags,
): Promise<number> {
  const result = await client.silence({
    matchers: matchers.map(matcherOf),
    seconds,
    comment,
  });
  if (output.json) output.printJson({ schemaVersion: 1, ...result });
  else (result.ok ? output.print : output.note)(result.message);
  return result.ok ? EXIT.ok : EXIT.notSolved;
}

/** The silences that are not over. */
export async function showSilences({ client, output }: Look): Promise<void> {
  const silences = (await client.silences()).filter(({ status }) => status.state !== "expired");
  if (output.json) return output.printJson({ schemaVersion: 1, silences });
  if (silences.length === 0) return output.print("no silences");
  output.print(
    table(
      [
        "id",
        { head: "alerts", wrap: true },
        "until (UTC)",
        { head: "by", dropRank: 1 },
        { head: "comment", wrap: true },
      ],
      silences.map(({ id, matchers, endsAt, createdBy, comment }) => [
        id,
        matchers.map((one) => matcherText(labelMatcher(one))).join(", "),
        endsAt.slice(11, 19),
        createdBy,
        comment,
      ]),
      output.width,
    ),
  );
}

/** Ends a silence now. */
export async function expireSilence({ client, output }: Look, id: string): Promise<number> {
  const result = await client.expireSilence({ id });
  if (output.json) output.printJson({ schemaVersion: 1, ...result });
  else (result.ok ? output.print : output.note)(result.message);
  return result.ok ? EXIT.ok : EXIT.notSolved;
}
