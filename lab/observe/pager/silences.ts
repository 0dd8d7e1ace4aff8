import { CodedError, messageOf } from "../../../runtime/errors.ts";
import type { LabelMatcher, Labels } from "../samples.ts";
import { labelTest } from "./matching.ts";

/** Alerts that match are not told of between two moments (epoch ms). */
export interface Silence {
  readonly id: string;
  readonly matchers: readonly LabelMatcher[];
  readonly startsAt: number;
  readonly endsAt: number;
  readonly createdBy: string;
  readonly comment: string;
}

export interface Silences {
  /** Throws CodedError USAGE for one that silences everything, is faulty, is over already, or is one too many. */
  add(silence: Omit<Silence, "id">, atMs: number): Silence;
  /** Ends it now. False: there is none with this id that is not over. */
  expire(id: string, atMs: number): boolean;
  /** Ids of those that keep an alert with these labels quiet. */
  quieting(labels: Labels, atMs: number): readonly string[];
  readonly all: readonly Silence[];
}

const MAX_SILENCES = 200;

export function createSilences(): Silences {
  let kept: { readonly silence: Silence; readonly matches: (labels: Labels) => boolean }[] = [];
  let made = 0;
  return {
    add(silence, at) {
      const refuse = (message: string): never => {
        throw new CodedError("USAGE", message);
      };
      if (!(silence.endsAt > Math.max(at, silence.startsAt))) refuse("the silence ends before it begins");
      const matches = testOf(silence.matchers);
      if (matches({})) refuse("a silence needs at least one matcher that does not match an empty value");
      kept = kept.filter((one) => one.silence.endsAt > at);
      if (kept.length >= MAX_SILENCES) refuse(`there are ${MAX_SILENCES} silences already`);
      const added = { id: `silence-${++made}`, ...silence };
      kept.push({ silence: added, matches });
      return added;
    },
    expire(id, at) {
      const found = kept.find(({ silence }) => silence.id === id && silence.endsAt > at);
      if (!found) return false;
      kept = kept.map((one) => (one === found ? { ...one, silence: { ...one.silence, endsAt: at } } : one));
      return true;
    },
    quieting: (labels, at) =>
      kept
        .filter(({ silence, matches }) => silence.startsAt <= at && at < silence.endsAt && matches(labels))
        .map(({ silence }) => silence.id),
    get all() {
      return kept.map(({ silence }) => silence);
    },
  };
}

function testOf(matchers: readonly LabelMatcher[]): (labels: Labels) => boolean {
  try {
    return labelTest(matchers);
  } catch (error) {
    throw new CodedError("USAGE", messageOf(error), { cause: error });
  }
}
