import type { Hashing } from "../../runtime/hashing.ts";

type Fact = string | number | undefined;

/** Everything that happened, in order, as one digest: two runs that differ anywhere differ in it. */
export interface EventLog {
  note(kind: string, ...facts: readonly Fact[]): void;
  readonly lines: number;
  /** SHA-256 of all lines so far, hexadecimal. */
  digest(): string;
}

/** Hashing many facts at once costs a tenth of hashing each. */
const GATHERED_FACTS = 8192;
/** Texts have their places from here downwards, where no time, count or share is. */
const FIRST_PLACE = -(2 ** 40);
/** Ends a line. */
const END = Number.NEGATIVE_INFINITY;
const NOTHING = Number.NaN;
/** Texts that occur once, of a drill's few hundred events, must not pile up over hours. */
const KEPT_TEXTS = 4096;

/** `onLine` gets each line, to find where two runs differ. */
export function createEventLog(hashing: Hashing, onLine?: (line: string) => void): EventLog {
  const hash = hashing.begin();
  // As numbers: to make text of them would cost more than the events themselves.
  const facts = new Float64Array(GATHERED_FACTS);
  const bytes = new Uint8Array(facts.buffer);
  let count = 0;
  let lines = 0;
  const places = new Map<string, number>();

  function flush(): void {
    hash.update(bytes.subarray(0, count * Float64Array.BYTES_PER_ELEMENT));
    count = 0;
  }

  function put(value: number): void {
    if (count === GATHERED_FACTS) flush();
    facts[count] = value;
    count += 1;
  }

  /** A text is hashed where it first occurs; from then on its place stands for it. */
  function placeOf(text: string): number {
    const known = places.get(text);
    if (known !== undefined) return known;
    if (places.size === KEPT_TEXTS) places.clear();
    const place = FIRST_PLACE - places.size;
    places.set(text, place);
    put(place);
    put(text.length);
    flush();
    hash.update(text);
    return place;
  }

  function write(fact: Fact): void {
    if (typeof fact === "string") return put(placeOf(fact));
    if (fact === undefined) return put(NOTHING);
    if (!(fact > FIRST_PLACE)) throw new RangeError(`no event is logged with the number ${fact}`);
    // A nought is a nought, whatever its sign.
    put(fact + 0);
  }

  return {
    note(kind, ...reported) {
      onLine?.(`${kind} ${reported.join(" ")}`);
      lines += 1;
      write(kind);
      for (const fact of reported) write(fact);
      put(END);
    },
    get lines() {
      return lines;
    },
    digest() {
      flush();
      return hash.digest();
    },
  };
}
