import { computed, effect, signal, type ReadonlySignal } from "@preact/signals";
import { sandboxFragment, type LinkedSandbox } from "../../../lab/sandbox/link.ts";
import type { Preset } from "../../../lab/sandbox/presets.ts";
import type { SandboxSetting, SideSetting, WorldSetting } from "../../../lab/sandbox/setting.ts";
import type { Pacing } from "../world/console-world.ts";
import type { Speed } from "../world/protocol.ts";
import type { Frame, FromSandbox, ToSandbox } from "./protocol.ts";

/** The sandbox of a page: its setting, how its sides are now, and what can be done to both. */
export interface SandboxState {
  readonly preset: ReadonlySignal<Preset>;
  readonly setting: ReadonlySignal<SandboxSetting>;
  /** Undefined until the first came. */
  readonly frame: ReadonlySignal<Frame | undefined>;
  /** Why there are no further frames. */
  readonly trouble: ReadonlySignal<string | undefined>;
  /** Where requests have gone since the last frame, by the side's place. */
  readonly traffics: readonly ReadonlySignal<Frame["sides"][number]["traffic"] | undefined>[];
  readonly pacing: Pick<Pacing, "set" | "step" | "onTime">;
  /** Begins anew with this one. */
  take(preset: Preset, seed: number): void;
  changeWorld(change: Partial<WorldSetting>): void;
  changeSide(place: number, change: Partial<SideSetting>): void;
  /** The fragment of a link to what is set now. */
  readonly fragment: ReadonlySignal<string>;
  close(): void;
}

export function openSandbox(linked: LinkedSandbox): SandboxState {
  const worker = new Worker(new URL("./sandbox-thread.ts", import.meta.url), { type: "module" });
  const send = (message: ToSandbox): void => worker.postMessage(message);
  const preset = signal(linked.preset);
  const setting = signal(linked.setting);
  const frame = signal<Frame | undefined>(undefined);
  const trouble = signal<string | undefined>(undefined);
  let speed: Speed = 1;

  worker.addEventListener("message", ({ data }: MessageEvent<FromSandbox>) => {
    if (data.type === "failed") trouble.value = data.message;
    else frame.value = data.frame;
  });
  worker.addEventListener("error", ({ message }) => void (trouble.value = message));

  function change(next: SandboxSetting): void {
    setting.value = next;
    send({ type: "change", setting: next });
  }
  send({ type: "open", setting: setting.value, speed });

  return {
    preset,
    setting,
    frame,
    trouble,
    traffics: linked.setting.sides.map((_, place) => computed(() => frame.value?.sides[place]?.traffic)),
    pacing: {
      set(next) {
        speed = next;
        send({ type: "speed", speed });
      },
      step: (ms) => send({ type: "step", ms }),
      onTime: (run) =>
        effect(() => {
          if (frame.value) run({ nowMs: frame.value.nowMs, speed: frame.value.speed, over: false });
        }),
    },
    take(next, seed) {
      preset.value = next;
      setting.value = { ...next.setting, seed };
      send({ type: "open", setting: setting.value, speed });
    },
    changeWorld: (world) => change({ ...setting.value, world: { ...setting.value.world, ...world } }),
    changeSide: (place, side) =>
      change({
        ...setting.value,
        sides: setting.value.sides.map((one, i) => (i === place ? { ...one, ...side } : one)),
      }),
    fragment: computed(() => sandboxFragment({ preset: preset.value, setting: setting.value })),
    close: () => worker.terminate(),
  };
}
