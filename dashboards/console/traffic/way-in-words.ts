import type { SampledBalancerRequest, SampledRequest } from "../../../lab/events/traffic-view.ts";
import type { Entry } from "../../../lab/trainee/glossary.ts";
import type { PoolView } from "../../../lab/trainee/views.ts";

/** A request's way: one sentence, and what can be said of each part of it. */
export interface WayInWords {
  readonly headline: string;
  readonly facts: readonly (readonly [name: string, text: string])[];
}

/** What words mean, by who wrote it down. */
export interface Books {
  readonly glossary: readonly Pick<Entry, "word" | "group" | "means">[];
  /** Sentences of the balancer's reasons. */
  readonly reasons: Readonly<Record<string, { readonly sentence: string }>>;
}

const FLAGS = "flags of the access log";
const RESULTS = "results of an attempt";
const TERMINATION = "termination state of the access log";
const POLICIES = "policies";
const PICKED = "why an upstream was picked";

/** What became of a request and why, in words. `pools` are as they are now. */
export function wayInWords(
  sample: SampledRequest,
  pools: readonly PoolView[] | undefined,
  books: Books,
): WayInWords {
  return sample.seenBy === "users" ? asUsersSawIt(sample, books) : asTheLogHasIt(sample, pools, books);
}

const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;

const meaningOf = ({ glossary }: Books, group: string, word: string): string | undefined =>
  glossary.find((entry) => entry.group === group && entry.word === word)?.means;

const withMeaning = (word: string, means: string | undefined): string =>
  means === undefined ? word : `${word}: ${means}`;

function asUsersSawIt(sample: Extract<SampledRequest, { seenBy: "users" }>, books: Books): WayInWords {
  const { route, outcome, backend, durationMs, flag, failed } = sample;
  const facts: [string, string][] = [
    ["seen by", "one of the lab's own users, from outside"],
    ["asked for", route === "page" ? "a page of the shop" : route],
    ["answered by", backend ?? "no backend that could be proved"],
    ["took", ms(durationMs)],
  ];
  if (flag !== undefined) facts.push(["flag", withMeaning(flag, meaningOf(books, FLAGS, flag))]);
  return {
    headline: `${route} → ${outcome}${backend === undefined ? "" : ` from ${backend}`} after ${ms(durationMs)}: ${failed ? "it failed" : "it was well"}.`,
    facts,
  };
}

function asTheLogHasIt(
  sample: SampledBalancerRequest,
  pools: readonly PoolView[] | undefined,
  books: Books,
): WayInWords {
  const { method, target, outcome, origin, attempts, totalMs, route, pool, flag, state, reason } = sample;
  const from = origin === "balancer" ? "the balancer itself" : (attempts.at(-1)?.upstream ?? "an upstream");
  const facts: [string, string][] = [
    ["route", route === "-" ? "none matched" : `${route} → pool ${pool}`],
    ["upstream", pickedBecause(sample, pools, books)],
    ...attempts.map(({ upstream, result }, i): [string, string] => [
      attempts.length === 1 ? "attempt" : `attempt ${i + 1}`,
      `${upstream}, ${withMeaning(result, meaningOf(books, RESULTS, result))}`,
    ]),
    ["timers", timersOf(sample)],
  ];
  if (flag !== undefined) facts.push(["flag", withMeaning(flag, meaningOf(books, FLAGS, flag))]);
  if (reason !== undefined) facts.push(["reason", books.reasons[reason]?.sentence ?? reason]);
  facts.push(["state", stateInWords(state, books)], ["request", sample.id]);
  return { headline: `${method} ${target} → ${outcome} from ${from} after ${ms(totalMs)}.`, facts };
}

/** Why this one, as the log has it, else the policy's rule; and how the upstream's weight stands in its pool now. */
function pickedBecause(
  { pool: name, attempts }: SampledBalancerRequest,
  pools: readonly PoolView[] | undefined,
  books: Books,
): string {
  const attempt = attempts.at(-1);
  if (attempt === undefined) return "none was picked";
  const { upstream: last, pickedBecause: reason } = attempt;
  const pool = pools?.find((one) => one.pool === name);
  const one = pool?.upstreams.find(({ upstream }) => upstream === last);
  const because = reason === undefined ? undefined : (meaningOf(books, PICKED, reason) ?? reason);
  if (!pool || !one) return because === undefined ? last : `${last}, picked because ${because}`;
  const weights = pool.upstreams.reduce((sum, { weight }) => sum + weight, 0);
  const weight = `its weight is ${one.weight} of ${weights} now`;
  if (because !== undefined) return `${last}, picked because ${because} (${pool.policy}; ${weight})`;
  return `${last}, picked by ${withMeaning(pool.policy, meaningOf(books, POLICIES, pool.policy))} (${weight})`;
}

function timersOf({ queueMs, connectMs, responseMs, totalMs }: SampledBalancerRequest): string {
  const stage = (name: string, value: number | undefined): string[] =>
    value === undefined ? [] : [`${name} ${ms(value)}`];
  return [
    ...stage("waited in the queue", queueMs),
    ...stage("connected in", connectMs),
    ...stage("first answer after", responseMs),
    `${ms(totalMs)} in all`,
  ].join(", ");
}

/** `SC`: who ended it, and in which phase. */
function stateInWords(state: string, books: Books): string {
  const who = letterOf(meaningOf(books, TERMINATION, "first letter"), state[0]);
  const phase = letterOf(meaningOf(books, TERMINATION, "second letter"), state[1]);
  if (who === undefined || phase === undefined) return state;
  if (state === "--") return "--: a normal end";
  return `${state}: ended by ${who}, in the phase ${phase}`;
}

/** Of `question: A one, B another`, what a letter says. */
function letterOf(means: string | undefined, letter: string | undefined): string | undefined {
  return means
    ?.slice(means.indexOf(":") + 1)
    .split(",")
    .map((part) => part.trim())
    .find((part) => part[0] === letter && part[1] === " ")
    ?.slice(2);
}
