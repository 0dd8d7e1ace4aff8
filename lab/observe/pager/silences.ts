import { CodedError, messageOf } from "../../../runtime/errors.ts";
import type { LabelMatcher, Labels } from "../samples.ts";
import { matcherText } from "./matcher-text.ts";
import { labelTest } from "./matching.ts";

/** Nobody is notified of alerts that match between two moments (epoch ms). */
export interface Silence {
  readonly id: string;
  readonly matchers: readonly LabelMatcher[];
  readonly startsAt: number;
  readonly endsAt: number;
  readonly updatedAt: number;
  readonly createdBy: string;
  readonly comment: string;
}

export type GivenSilence = Omit<Silence, "id" | "updatedAt">;

export interface Silences {
  /** Throws CodedError USAGE for one that silences everything, is faulty, is over already, or is over the limit. */
  add(silence: GivenSilence, atMs: number): Silence;
  /**
   * As Alertmanager: a silence with the same matchers and the same past keeps its id; any other change expires it and
   * makes another one. Undefined: there is none with this id. Throws as `add` does.
   */
  change(id: string, silence: GivenSilence, atMs: number): Silence | undefined;
  /** Ends it now. False: there is none with this id that is not over. */
  expire(id: string, atMs: number): boolean;
  /** Ids of those that silence an alert with these labels. */
  quieting(labels: Labels, atMs: number): readonly string[];
  readonly all: readonly Silence[];
}

const MAX_SILENCES = 200;

interface Kept {
  readonly silence: Silence;
  readonly matches: (labels: Labels) => boolean;
}

export function createSilences(): Silences {
  let kept: readonly Kept[] = [];
  let made = 0;

  /** Throws for an invalid silence. */
  function checked(silence: GivenSilence, at: number): Kept["matches"] {
    if (!(silence.endsAt > Math.max(at, silence.startsAt)))
      throw refused("the silence ends before it begins");
    const matches = testOf(silence.matchers);
    if (matches({})) throw refused("a silence needs at least one matcher that does not match an empty value");
    return matches;
  }

  function add(silence: GivenSilence, at: number): Silence {
    const matches = checked(silence, at);
    kept = kept.filter((one) => one.silence.endsAt > at);
    if (kept.length >= MAX_SILENCES) throw refused(`there are ${MAX_SILENCES} silences already`);
    const added = { id: idOf(++made), ...silence, updatedAt: at };
    kept = [...kept, { silence: added, matches }];
    return added;
  }

  function replace(old: Kept, silence: Silence): Silence {
    kept = kept.map((one) => (one === old ? { ...one, silence } : one));
    return silence;
  }

  function expire(id: string, at: number): boolean {
    const found = kept.find(({ silence }) => silence.id === id && silence.endsAt > at);
    if (!found) return false;
    // A silence that has not begun never begins.
    const startsAt = Math.min(found.silence.startsAt, at);
    replace(found, { ...found.silence, startsAt, endsAt: at, updatedAt: at });
    return true;
  }

  return {
    add,
    change(id, silence, at) {
      const found = kept.find((one) => one.silence.id === id);
      if (!found) return undefined;
      checked(silence, at);
      if (staysItself(found.silence, silence, at)) return replace(found, { id, ...silence, updatedAt: at });
      expire(id, at);
      return add(silence, at);
    },
    expire,
    quieting: (labels, at) =>
      kept
        .filter(({ silence, matches }) => silence.startsAt <= at && at < silence.endsAt && matches(labels))
        .map(({ silence }) => silence.id),
    get all() {
      return kept.map(({ silence }) => silence);
    },
  };
}

function staysItself(before: Silence, now: GivenSilence, at: number): boolean {
  const textOf = (matchers: readonly LabelMatcher[]): string => matchers.map(matcherText).sort().join();
  if (before.endsAt <= at || textOf(before.matchers) !== textOf(now.matchers)) return false;
  return before.startsAt <= at ? now.startsAt === before.startsAt : now.startsAt >= at;
}

/** In the form of a UUID, which Alertmanager's own are. */
const idOf = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

const refused = (message: string): CodedError => new CodedError("USAGE", message);

function testOf(matchers: readonly LabelMatcher[]): (labels: Labels) => boolean {
  try {
    return labelTest(matchers);
  } catch (error) {
    throw new CodedError("USAGE", messageOf(error), { cause: error });
  }
}
