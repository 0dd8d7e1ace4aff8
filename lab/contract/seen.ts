import type { ReadName } from "../trainee/routes.ts";
import type { Input, Trainee } from "../trainee/trainee.ts";

/** Everything that a trainee can look at, by where it was found. */
export type Seen = ReadonlyMap<string, string>;

const LOG_LINES = 200;

/** Looks at all there is to look at, once. */
export async function seenBy(trainee: Trainee): Promise<Seen> {
  const seen = new Map<string, string>();
  const note = (where: string, what: unknown): void =>
    void seen.set(where, typeof what === "string" ? what : JSON.stringify(what));
  const known: Known = {
    units: [...(await trainee.units()).map(({ name }) => name), "access"],
    versions: (await trainee.configHistory()).map(({ version }) => version),
  };
  for (const name of READS)
    for (const input of EVERY[name](known)) {
      const read = trainee[name] as (input: object) => Promise<unknown>;
      // A unit that is down, or that only runs inside, has no log or metrics: there is nothing to see then.
      const what = await read(input).catch(() => "");
      note([name, ...Object.values(input)].join(" "), what);
    }
  return seen;
}

/** What there is to look at. */
interface Known {
  readonly units: readonly string[];
  readonly versions: readonly number[];
}

/** Inputs with which an operation that only reads shows all that it can show. */
const EVERY: { readonly [Name in ReadName]: (known: Known) => readonly Input<Name>[] } = {
  status: () => [{}],
  users: () => [{}],
  units: () => [{}],
  unitConfig: ({ units }) => units.map((unit) => ({ unit })),
  logs: ({ units }) => units.map((unit) => ({ unit, lines: LOG_LINES })),
  config: ({ versions }) => versions.map((version) => ({ version })),
  configHistory: () => [{}],
  configDiff: ({ versions }) => versions.slice(1).map((to) => ({ from: to - 1, to })),
  rollout: () => [{}],
  changes: () => [{}],
  ports: () => [{}],
  metrics: ({ units }) => units.map((unit) => ({ unit })),
  query: () => [{ query: 'count by (__name__, job, pool, upstream) ({job=~".+"})' }],
  alerts: () => [{}],
  silences: () => [{}],
  pools: () => [{}],
  // The same in every lab, whatever the incident.
  explain: () => [],
  drill: () => [{}],
  // There is none before the end.
  debrief: () => [{}],
};

const READS = Object.keys(EVERY) as ReadName[];

/** Names of metrics and alerts, and codes. Every incident has the same ones: they say what is measured, not what it is this time. */
const DECLARED = /\blb_\w+|\b(?:[A-Z][a-z]+){2,}\b|\b[A-Z]+(?:_[A-Z]+)+\b|runbooks\.md#\w+/g;

/** Where something that was seen contains one of the words, whatever their case, outside of what is declared for all. */
export function spoiltIn(seen: Iterable<readonly [string, string]>, words: readonly string[]): string[] {
  const lower = words.map((word) => word.toLowerCase());
  const found: string[] = [];
  for (const [where, text] of seen) {
    const read = text.replaceAll(DECLARED, "").toLowerCase();
    const word = lower.find((one) => read.includes(one));
    if (word !== undefined) found.push(`${where} says "${word}"`);
  }
  return found;
}
