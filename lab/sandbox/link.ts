import { presetNamed, PRESETS, type Preset } from "./presets.ts";
import { sandboxSetting, type SandboxSetting } from "./setting.ts";

/** A sandbox as a link holds it: a preset, and the setting where somebody has changed it. */
export interface LinkedSandbox {
  readonly preset: Preset;
  readonly setting: SandboxSetting;
}

/** The longest setting, of fifty upstreams, is half of that. */
const MOST_CHARACTERS = 16 * 1024;

/** The fragment of a link, without its hash sign: readable where nothing was changed. */
export function sandboxFragment({ preset, setting }: LinkedSandbox): string {
  const changed = JSON.stringify(setting);
  if (changed === JSON.stringify(preset.setting)) return `sandbox=${preset.name}`;
  return `sandbox=${preset.name}&setting=${encoded(changed)}`;
}

/** Undefined for a fragment of anything else; what is cut or out of bounds is the preset as it was, or the first one. */
export function readSandboxFragment(fragment: string): LinkedSandbox | undefined {
  const given = new URLSearchParams(fragment);
  const name = given.get("sandbox");
  const preset = name === null ? undefined : (presetNamed(name) ?? PRESETS[0]);
  if (!preset) return undefined;
  const text = given.get("setting");
  const setting = text === null || text.length > MOST_CHARACTERS ? undefined : decoded(text);
  return { preset, setting: setting ?? preset.setting };
}

/** A setting is ASCII: numbers, keys and names of policies. */
const encoded = (json: string): string =>
  btoa(json).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

/** Nothing in a link is trusted. */
function decoded(text: string): SandboxSetting | undefined {
  try {
    const value: unknown = JSON.parse(atob(text.replaceAll("-", "+").replaceAll("_", "/")));
    return sandboxSetting.safeParse(value).data;
  } catch {
    return undefined;
  }
}
