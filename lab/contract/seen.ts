import type { Trainee } from "../trainee/trainee.ts";

/** Everything that a trainee can look at, by where it was found. */
export type Seen = ReadonlyMap<string, string>;

const LOG_LINES = 200;

/** Looks at all there is to look at, once. */
export async function seenBy(trainee: Trainee): Promise<Seen> {
  const seen = new Map<string, string>();
  const note = (where: string, what: unknown): void =>
    void seen.set(where, typeof what === "string" ? what : JSON.stringify(what));
  const units = await trainee.units();
  note("units", units);
  note("status", await trainee.status());
  note("alerts", await trainee.alerts());
  note("changes", await trainee.changes());
  note("ports", await trainee.ports());
  for (const { version } of await trainee.configHistory())
    note(`config ${version}`, await trainee.config({ version }));
  note("config history", await trainee.configHistory());
  for (const unit of [...units.map(({ name }) => name), "access"]) {
    // A unit that is down, or that only runs inside, has none: there is nothing to see then.
    note(`logs ${unit}`, await trainee.logs({ unit, lines: LOG_LINES }).catch(() => ""));
    note(`settings ${unit}`, await trainee.unitConfig({ unit }).catch(() => ""));
    note(`metrics ${unit}`, await trainee.metrics({ unit }).catch(() => ""));
  }
  return seen;
}

/** Names of metrics and alerts, and codes. Every incident has the same ones: they tell what is measured, not what it is this time. */
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
