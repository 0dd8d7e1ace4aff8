import type { SandboxSideView } from "../../../lab/sandbox/sandbox.ts";
import type { SandboxSetting } from "../../../lab/sandbox/setting.ts";
import type { Speed } from "../world/protocol.ts";

/** What a page asks of the worker that holds its sandbox. */
export type ToSandbox =
  /** Begins anew; what was open before is gone. */
  | { readonly type: "open"; readonly setting: SandboxSetting; readonly speed: Speed }
  /** Takes effect with the next step. */
  | { readonly type: "change"; readonly setting: SandboxSetting }
  | { readonly type: "speed"; readonly speed: Speed }
  | { readonly type: "step"; readonly ms: number };

/** How a sandbox is now. */
export interface Frame {
  /** Which opening it belongs to: one more with each. */
  readonly opening: number;
  /** Milliseconds of virtual time. */
  readonly nowMs: number;
  readonly speed: Speed;
  readonly sides: readonly SandboxSideView[];
}

export type FromSandbox =
  | { readonly type: "frame"; readonly frame: Frame }
  | { readonly type: "failed"; readonly message: string };
