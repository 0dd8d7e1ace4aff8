import type { StatusView } from "../control/views.ts";
import { percent } from "../judge/well.ts";
import { paint } from "./output.ts";
import { clockTime, ms, table } from "./tables.ts";

/** The lab at a glance: users first, then backends, then what the balancer says of its upstreams. */
export function statusText(status: StatusView): string {
  return [headline(status), "", usersText(status), "", backendsText(status), "", poolsText(status)].join(
    "\n",
  );
}

/** What the live view shows: small enough for a terminal beside another one. */
export function liveText(status: StatusView): string {
  return [headline(status), "", usersText(status), "", backendsText(status)].join("\n");
}

/** One line, where no terminal redraws a screen. */
export function lineText({ users, drill }: StatusView): string {
  const page = Object.entries(users.routes)
    .map(([route, { p95Ms }]) => `${route} p95 ${ms(p95Ms)}`)
    .join(", ");
  return `${drill?.phase ?? "up"}: ${users.requestsPerSecond.toFixed(0)} requests/s, ${percent(users.failedRatio)} fail, ${percent(users.affectedRatio)} of users affected, ${page || "no answers yet"}`;
}

function headline({ drill, alerts, listener }: StatusView): string {
  const firing = alerts.filter(({ state, notifiedAt }) => state === "firing" && notifiedAt !== undefined);
  const pages = firing.filter(({ severity }) => severity === "page");
  const told = firing.filter(({ severity, suppressed }) => severity !== "page" && suppressed === undefined);
  const pager = [
    pages.length === 0
      ? paint("green", "pager quiet")
      : paint(
          ["red", "bold"],
          `PAGED: ${pages.map(({ name, summary }) => `${name}: ${summary}`).join("; ")}`,
        ),
    ...told.map(({ name, summary }) => paint("yellow", `${name}: ${summary}`)),
  ].join("; ");
  if (!drill) return `lab up on http://${listener}/  ${pager}`;
  const since =
    drill.secondsSincePage === undefined ? "" : `, paged ${clockTime(drill.secondsSincePage)} ago`;
  const limit = drill.secondsLeft === undefined ? "" : `, ${clockTime(drill.secondsLeft)} left`;
  return `drill "${drill.alias}" (${drill.phase}${since}${limit})  http://${listener}/  ${pager}`;
}

function usersText({ users }: StatusView): string {
  const summary = [
    `users ${users.population}`,
    `${users.requestsPerSecond.toFixed(0)} requests/s`,
    flagged(`${percent(users.failedRatio)} fail`, users.failedRatio > 0.005),
    flagged(`${percent(users.affectedRatio)} of users affected`, users.affectedRatio > 0.005),
  ].join("   ");
  const split =
    users.affectedRatio > 0
      ? `affected users: ${percent(users.affectedFailedRatio ?? 0)} of their requests fail; all others: ${percent(users.othersFailedRatio ?? 0)}`
      : "";
  const rows = Object.entries(users.routes).map(([route, { requests, failedRatio, p95Ms }]) => [
    route,
    (requests / 10).toFixed(1),
    flagged(percent(failedRatio), failedRatio > 0.005),
    ms(p95Ms),
    Object.entries(users.failures[route] ?? {})
      .sort(([, a], [, b]) => b - a)
      .map(([answer, count]) => `${count} x ${answer}`)
      .join(", "),
  ]);
  return [summary, split, table(["route", "req/s", "failed", "p95", "failures of the last 10 s"], rows)]
    .filter((part) => part !== "")
    .join("\n");
}

function backendsText({ backends }: StatusView): string {
  return table(
    ["backend", "unit", "share", "answers/s", "failed", "restarts"],
    backends.map(({ backend, state, share, answersPerSecond, failedRatio, restarts }) => [
      backend,
      flagged(state, state !== "active"),
      percent(share),
      answersPerSecond.toFixed(1),
      flagged(percent(failedRatio), failedRatio > 0.005),
      flagged(String(restarts), restarts > 0),
    ]),
  );
}

function poolsText({ pools }: StatusView): string {
  if (!pools)
    return flagged("the balancer's statistics cannot be read: it does not answer on its admin port", true);
  return pools
    .map(
      ({ pool, policy, queueLength, queueLimit, upstreams }) =>
        `pool ${pool}: ${policy}, queue ${flagged(`${queueLength}/${queueLimit}`, queueLimit > 0 && queueLength >= 0.8 * queueLimit)}\n${table(
          ["upstream", "address", "state", "weight", "in flight", "requests", "failures"],
          upstreams.map((one) => [
            one.upstream,
            one.address,
            flagged(one.state, one.state !== "UP"),
            one.weight,
            `${one.inFlight}/${one.maxConnections}`,
            one.requests,
            flagged(String(one.failures), one.requests > 0 && one.failures > 0.1 * one.requests),
          ]),
        )}`,
    )
    .join("\n\n");
}

const flagged = (text: string, bad: boolean): string => (bad ? paint("red", text) : text);
