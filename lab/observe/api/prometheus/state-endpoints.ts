import type { FastifyInstance } from "fastify";
import type { RuleEvaluator } from "../../rules/rule-evaluator.ts";
import type { TargetState } from "../../scrape/target.ts";
import { labelTest } from "../../pager/matching.ts";
import { invalid } from "./answer.ts";
import { addEndpoint, type Parameters } from "./parameters.ts";
import { matchersOf } from "./selectors.ts";
import { alertViews, metadataView, ruleGroupViews, targetMetadataView, targetViews } from "./views.ts";

export interface StateEndpointsDeps {
  readonly rules: Pick<RuleEvaluator, "active" | "groups">;
  readonly targets: () => readonly TargetState[];
  readonly intervalMs: number;
  /** Base URL of these APIs and pages. */
  readonly externalUrl: () => string;
}

/** Endpoints of the state of rules, alerts and targets, and of the evaluator's health. */
export function addStateEndpoints(
  server: FastifyInstance,
  { rules, targets, intervalMs, externalUrl }: StateEndpointsDeps,
): void {
  addEndpoint(server, "/api/v1/rules", (given) => {
    const kind = oneOf(given, "type", ["alert", "record"]);
    return { groups: ruleGroupViews(rules.groups, intervalMs, kind) };
  });
  addEndpoint(server, "/api/v1/alerts", () => ({ alerts: alertViews(rules.active) }));
  addEndpoint(server, "/api/v1/targets", (given) =>
    // None is ever dropped here; for anything but these two words Prometheus shows no targets at all.
    targetViews(
      ["any", "active"].includes(given.one("state")?.toLowerCase() ?? "any") ? targets() : [],
      intervalMs,
    ),
  );
  addEndpoint(server, "/api/v1/metadata", (given) => {
    const limit = given.one("limit") ?? "-1";
    if (!/^-?\d+$/.test(limit)) throw invalid("limit", "limit must be a number");
    return metadataView(targets(), given.one("metric"), Number(limit));
  });
  addEndpoint(server, "/api/v1/targets/metadata", (given) => {
    const limit = given.one("limit") ?? "-1";
    if (!/^-?\d+$/.test(limit)) throw invalid("limit", "limit must be a number");
    const text = given.one("match_target");
    const matches = text === undefined ? () => true : labelTest(matchersOf(text, "match_target"));
    const asked = targets().filter(({ job, instance }) => matches({ job, instance }));
    return targetMetadataView(asked, given.one("metric"), Number(limit));
  });
  addEndpoint(server, "/api/v1/alertmanagers", () => ({
    // The pager is in the same process, at the same address.
    activeAlertmanagers: externalUrl() === "" ? [] : [{ url: `${externalUrl()}/api/v2/alerts` }],
    droppedAlertmanagers: [],
  }));
  server.get("/-/healthy", () => "lblab's evaluator is healthy.\n");
  server.get("/-/ready", () => "lblab's evaluator is ready.\n");
}

function oneOf<Word extends string>(
  given: Parameters,
  name: string,
  words: readonly Word[],
): Word | undefined {
  const text = given.one(name)?.toLowerCase();
  if (text === undefined) return undefined;
  const word = words.find((known) => known === text);
  if (word === undefined) throw invalid(name, `not supported value ${JSON.stringify(text)}`);
  return word;
}
