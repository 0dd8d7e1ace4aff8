/** Any JSON value: what a unit's configuration file is made of. */
export type ConfigValue =
  | string
  | number
  | boolean
  | null
  | readonly ConfigValue[]
  | { readonly [key: string]: ConfigValue };

export type UnitConfig = { readonly [key: string]: ConfigValue };

/** A program's inner traits: no settings, and not shown with them. */
const INNER: ReadonlySet<string> = new Set(["errors", "costs", "releases"]);

/** A unit's configuration as it is shown. */
export const shownConfig = (config: UnitConfig): UnitConfig =>
  Object.fromEntries(Object.entries(config).filter(([key]) => !INNER.has(key)));

/** Settings to change, by dotted path (`capacity.queueLimit`, `peers.0.port`); text is read as the type already there. */
export type ConfigChange = Readonly<Record<string, ConfigValue>>;

export type ConfigResult =
  | {
      readonly ok: true;
      readonly config: UnitConfig;
      /** Undoes the change. */ readonly previous: ConfigChange;
    }
  | { readonly ok: false; readonly message: string };

/**
 * A copy of `config` with the settings changed, all of them or none. A setting keeps its type, and one that does not
 * exist is refused: else a typing error would be taken for a change without effect.
 */
export function changeConfig(config: UnitConfig, change: ConfigChange): ConfigResult {
  let changed: ConfigValue = config;
  const previous: [string, ConfigValue][] = [];
  for (const [path, given] of Object.entries(change)) {
    const keys = path.split(".");
    const old = at(changed, keys);
    if (old === undefined) return { ok: false, message: `unknown setting ${path}${known(config, keys)}` };
    const value = readAs(old, given);
    if (value === undefined) return { ok: false, message: `${path} must be ${kindOf(old)}, as it is now` };
    previous.unshift([path, old]); // last in, first out, should paths overlap
    changed = replaced(changed, keys, value);
  }
  return { ok: true, config: changed as UnitConfig, previous: Object.fromEntries(previous) };
}

/** Whether there is a value at the dotted path. */
export const hasSetting = (config: UnitConfig, path: string): boolean =>
  at(config, path.split(".")) !== undefined;

function at(value: ConfigValue, keys: readonly string[]): ConfigValue | undefined {
  let here: ConfigValue | undefined = value;
  for (const key of keys) {
    if (here === undefined || here === null || typeof here !== "object") return undefined;
    // Own enumerable members only: neither `length` of a list nor anything inherited is a setting.
    if (!Object.keys(here).includes(key)) return undefined;
    here = (here as Readonly<Record<string, ConfigValue>>)[key];
  }
  return here;
}

function replaced(value: ConfigValue, keys: readonly string[], leaf: ConfigValue): ConfigValue {
  const [key, ...rest] = keys;
  if (key === undefined) return leaf;
  if (isList(value)) return value.map((item, i) => (String(i) === key ? replaced(item, rest, leaf) : item));
  const record = value as UnitConfig;
  return { ...record, [key]: replaced(record[key] ?? null, rest, leaf) };
}

/** `given` as a value of the kind that `old` is; undefined when it cannot be. */
function readAs(old: ConfigValue, given: ConfigValue): ConfigValue | undefined {
  const kind = kindOf(old);
  if (kind === "text") return typeof given === "string" ? given : undefined;
  const value = typeof given === "string" ? parsed(given) : given;
  if (kind === "null") return value ?? given;
  if (value === undefined) return undefined;
  return kindOf(value) === kind && (typeof value !== "number" || Number.isFinite(value)) ? value : undefined;
}

function parsed(text: string): ConfigValue | undefined {
  try {
    return JSON.parse(text) as ConfigValue;
  } catch {
    return undefined;
  }
}

function kindOf(value: ConfigValue): "text" | "a number" | "true or false" | "null" | "a list" | "an object" {
  if (value === null) return "null";
  if (isList(value)) return "a list";
  if (typeof value === "string") return "text";
  if (typeof value === "number") return "a number";
  return typeof value === "boolean" ? "true or false" : "an object";
}

// Array.isArray does not narrow a readonly list out of a union.
function isList(value: ConfigValue): value is readonly ConfigValue[] {
  return Array.isArray(value);
}

function known(config: UnitConfig, keys: readonly string[]): string {
  const parent = at(config, keys.slice(0, -1));
  if (parent === undefined || parent === null || typeof parent !== "object" || isList(parent)) return "";
  return `; there is ${Object.keys(parent).join(", ")}`;
}
