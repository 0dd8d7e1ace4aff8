import type { ConfigValue, UnitConfig } from "../../../lab/world/unit-config.ts";

/** The settings of a unit by dotted path, as an act names them; text without quotes. */
export function settingsOf(config: UnitConfig): readonly { readonly path: string; readonly value: string }[] {
  return Object.entries(config).flatMap(([name, value]) => leavesOf(name, value));
}

function leavesOf(
  path: string,
  value: ConfigValue,
): readonly { readonly path: string; readonly value: string }[] {
  if (typeof value === "object" && value !== null) {
    const inner = Object.entries(value);
    if (inner.length > 0) return inner.flatMap(([name, one]) => leavesOf(`${path}.${name}`, one));
  }
  return [{ path, value: typeof value === "string" ? value : JSON.stringify(value) }];
}
