import { stripVTControlCharacters } from "node:util";
import type { StatusView } from "../../trainee/views.ts";
import { percent } from "../../judge/well.ts";
import { paint } from "../output.ts";
import { wrapped } from "../prose.ts";
import { clockTime, ms, table, timeOf } from "../tables.ts";

/** The lab at a glance: users first, then backends, then the balancer's view of its upstreams. `width` in characters. */
export function statusText(status: StatusView, width = Infinity): string {
  return [
    headline(status, width),
    "",
    usersText(status, width),
    "",
    backendsText(status, width),
    "",
    poolsText(status, width),
  ].join("\n");
}

/** What the live view shows: small enough for a terminal beside another one. */
export function liveText(status: StatusView, width = Infinity): string {
  return [headline(status, width), "", usersText(status, width), "", backendsText(status, width)].join("\n");
}

/** One line, where no terminal redraws a screen. */
export function lineText({ users, drill }: StatusView): string {
  const page = Object.entries(users.routes)
    .map(([route, { p95Ms }]) => `${route} p95 ${ms(p95Ms)}`)
    .join(", ");
  const felt =
    users.requests === 0
      ? "no answers yet"
      : `${percent(users.failedRatio)} fail, ${percent(users.affectedRatio)} of users affected, ${page}`;
  return `${drill?.phase ?? "up"}: ${users.requestsPerSecond.toFixed(0)} requests/s, ${felt}`;
}

function headline({ drill, alerts, listener }: StatusView, width: number): string {
  const firing = alerts.filter(({ state, notifiedAt }) => state === "firing" && notifiedAt !== undefined);
  const paged = firing.filter(({ severity }) => severity === "page");
  const pages = paged.filter(({ resolving }) => resolving === undefined);
  // What it last measured is over: a figure beside it would contradict what users feel now.
  const ending = paged.filter(({ resolving }) => resolving !== undefined);
  const informs = firing.filter(
    ({ severity, suppressed }) => severity !== "page" && suppressed === undefined,
  );
  const pager = [
    pages.length === 0
      ? paint("green", ending.length === 0 ? "pager quiet" : "nothing new pages")
      : paint(
          ["red", "bold"],
          `PAGED: ${pages.map(({ name, summary }) => `${name}: ${summary}`).join("; ")}`,
        ),
    ...ending.map(({ name, resolving }) => `${name} is resolving since ${timeOf(resolving?.since ?? 0)}`),
    ...informs.map(({ name, summary }) => paint("yellow", `${name}: ${summary}`)),
  ].join("; ");
  const since =
    drill?.secondsSincePage === undefined ? "" : `, paged ${clockTime(drill.secondsSincePage)} ago`;
  const limit = drill?.secondsLeft === undefined ? "" : `, ${clockTime(drill.secondsLeft)} left`;
  const where = drill
    ? `drill "${drill.alias}" (${drill.phase}${since}${limit})  http://${listener}/`
    : `lab up on http://${listener}/`;
  const line = `${where}  ${pager}`;
  return stripVTControlCharacters(line).length <= width ? line : `${where}\n${wrapped(pager, width)}`;
}

const SECONDS = 10;

function usersText({ users }: StatusView, width: number): string {
  const rate = (value: number): string => value.toFixed(value < 10 ? 1 : 0);
  const load =
    users.loadRequestsPerSecond < 0.05
      ? ""
      : ` (${rate(users.probeRequestsPerSecond)} of the users below, ${rate(users.loadRequestsPerSecond)} of the load)`;
  const traffic = `last ${SECONDS} s: ${users.population} users, ${rate(users.requestsPerSecond)} requests/s${load}`;
  if (users.requests === 0) return wrapped(`${traffic}; no request of theirs has ended yet`, width);
  const felt = [
    flagged(`${percent(users.failedRatio)} of requests fail`, users.failedRatio > 0.005),
    flagged(`${percent(users.affectedRatio)} of users are affected`, users.affectedRatio > 0.005),
  ].join(", ");
  const split =
    users.affectedRatio > 0
      ? `affected are those for whom most requests to some route fail: of their requests ${percent(users.affectedFailedRatio ?? 0)} fail, of all other users' ${percent(users.othersFailedRatio ?? 0)}`
      : "";
  const rows = Object.entries(users.routes).map(([route, { requests, failedRatio, p95Ms }]) => [
    route,
    (requests / SECONDS).toFixed(1),
    flagged(percent(failedRatio), failedRatio > 0.005),
    ms(p95Ms),
    Object.entries(users.failures[route] ?? {})
      .sort(([, a], [, b]) => b - a)
      .map(([answer, count]) => `${count} x ${answer}`)
      .join(", "),
  ]);
  return [
    wrapped(traffic, width),
    wrapped(felt, width),
    wrapped(split, width),
    table(
      ["users' route", "req/s", "failed", "p95", { head: `failures, ${SECONDS} s`, wrap: true }],
      rows,
      width,
    ),
  ]
    .filter((part) => part !== "")
    .join("\n");
}

function backendsText({ backends }: StatusView, width: number): string {
  return table(
    ["backend", "unit", "share", { head: "configured", dropRank: 1 }, "answers/s", "failed", "restarts"],
    backends.map(
      ({ backend, state, seen, share, configuredShare, answersPerSecond, failedRatio, restarts }) => [
        backend,
        flagged(state, state !== "active"),
        seen ? percent(share) : undefined,
        configuredShare === null ? undefined : percent(configuredShare),
        seen ? answersPerSecond.toFixed(1) : undefined,
        seen && answersPerSecond > 0 ? flagged(percent(failedRatio), failedRatio > 0.005) : undefined,
        flagged(String(restarts), restarts > 0),
      ],
    ),
    width,
  );
}

function poolsText({ pools }: StatusView, width: number): string {
  if (!pools)
    return flagged("the balancer's statistics cannot be read: it does not answer on its admin port", true);
  return pools
    .map(
      ({ pool, policy, queueLength, queueLimit, upstreams }) =>
        `pool ${pool}: ${policy}, queue ${flagged(`${queueLength}/${queueLimit}`, queueLimit > 0 && queueLength >= 0.8 * queueLimit)}\n${table(
          [
            "upstream",
            { head: "address", dropRank: 2 },
            "state",
            "weight",
            "in flight",
            "req/s",
            "failed/s",
            { head: "in all", dropRank: 1 },
            { head: "failed in all", dropRank: 1 },
          ],
          upstreams.map((one) => [
            one.upstream,
            one.address,
            flagged(one.status ?? one.state, one.state !== "UP"),
            one.weight,
            `${one.inFlight}/${one.maxConnections}`,
            one.requestsPerSecond?.toFixed(1),
            one.failuresPerSecond === null
              ? undefined
              : flagged(
                  one.failuresPerSecond.toFixed(1),
                  one.failuresPerSecond > 0.1 * (one.requestsPerSecond ?? 0),
                ),
            one.requests,
            one.failures,
          ]),
          width,
        )}`,
    )
    .join("\n\n");
}

const flagged = (text: string, bad: boolean): string => (bad ? paint("red", text) : text);
