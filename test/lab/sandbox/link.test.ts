import { describe, expect, it } from "vitest";
import { readSandboxFragment, sandboxFragment } from "../../../lab/sandbox/link.ts";
import { PRESETS, type Preset } from "../../../lab/sandbox/presets.ts";
import { MOST_UPSTREAMS, type SandboxSetting } from "../../../lab/sandbox/setting.ts";

const preset = PRESETS[1] as Preset;
const changed: SandboxSetting = { ...preset.setting, seed: 77 };

describe("a link of the sandbox", () => {
  it("names its preset, and holds the setting only where it was changed", () => {
    expect(sandboxFragment({ preset, setting: preset.setting })).toBe("sandbox=random");
    expect(readSandboxFragment("sandbox=random")).toEqual({ preset, setting: preset.setting });
    const fragment = sandboxFragment({ preset, setting: changed });
    expect(fragment).toMatch(/^sandbox=random&setting=[\w-]+$/);
    expect(readSandboxFragment(fragment)).toEqual({ preset, setting: changed });
  });

  it("holds fifty upstreams", () => {
    const backends = Array.from({ length: MOST_UPSTREAMS }, (_, i) => ({
      serviceMs: 100 + i,
      running: i % 2 === 0,
    }));
    const setting = { ...changed, world: { ...changed.world, backends } };
    expect(readSandboxFragment(sandboxFragment({ preset, setting }))).toEqual({ preset, setting });
  });

  it.each([
    ["cut", sandboxFragment({ preset, setting: changed }).slice(0, -9)],
    ["no JSON", "sandbox=random&setting=AAAA"],
    ["out of bounds", `sandbox=random&setting=${btoa(JSON.stringify({ ...changed, seed: -1 }))}`],
    ["of unknown keys", `sandbox=random&setting=${btoa(JSON.stringify({ ...changed, more: 1 }))}`],
    ["without end", `sandbox=random&setting=${"A".repeat(1_000_000)}`],
  ])("that is %s is its preset as it was", (_what, fragment) => {
    expect(readSandboxFragment(fragment)).toEqual({ preset, setting: preset.setting });
  });

  it("of an unknown preset is the first one, and one of something else is none", () => {
    expect(readSandboxFragment("sandbox=constructor")?.preset).toBe(PRESETS[0]);
    expect(readSandboxFragment("incident=lantern")).toBeUndefined();
  });
});
