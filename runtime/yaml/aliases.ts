const MAX_ALIASES = 100;
/** Limit of values that aliases may expand to in all: each use of an anchor costs its size again. */
const MAX_ALIASED_VALUES = 100_000;

/** The value of an anchor; undefined until it is read completely. */
interface Anchored {
  value: unknown;
  /** How many values it is made of. */
  size: number;
  whole: boolean;
}

/** A document's anchors, and what its aliases have expanded to so far. */
export interface Aliases {
  /** Defines an anchor by what `read` returns: its value, and how many values that is made of. */
  define(name: string, read: () => { readonly value: unknown; readonly size: number }): unknown;
  /** What an alias stands for; undefined when it is refused. */
  follow(name: string, refuse: (message: string) => void): Readonly<Anchored> | undefined;
}

export function createAliases(): Aliases {
  const anchors = new Map<string, Anchored>();
  let aliases = 0;
  let values = 0;
  return {
    define(name, read) {
      const entry: Anchored = { value: undefined, size: 0, whole: false };
      anchors.set(name, entry);
      Object.assign(entry, read(), { whole: true });
      return entry.value;
    },
    follow(name, refuse) {
      const anchored = anchors.get(name);
      if (anchored === undefined) refuse(`*${name} stands for nothing: no &${name} comes before it`);
      else if (!anchored.whole) refuse(`*${name} stands inside the very thing that it names`);
      else if (++aliases > MAX_ALIASES) {
        if (aliases === MAX_ALIASES + 1) refuse(`too many aliases, allowed are ${MAX_ALIASES}`);
      } else if ((values += anchored.size) > MAX_ALIASED_VALUES)
        refuse(`aliases stand for too much, allowed are ${MAX_ALIASED_VALUES} values in all`);
      else return anchored;
      return undefined;
    },
  };
}
