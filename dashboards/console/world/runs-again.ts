import type { WhatIf } from "../../../lab/simulate/what-if.ts";
import type { FromWorker, ToWorker } from "./protocol.ts";

/** Runs a drill that was handed on again with a measure, in a worker of its own: the page goes on meanwhile. */
export function runAgain(text: string, measure: string, signal: AbortSignal): Promise<WhatIf> {
  return new Promise<WhatIf>((resolve, reject) => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    function end(): void {
      worker.terminate();
      signal.removeEventListener("abort", onAbort);
    }
    function onAbort(): void {
      end();
      reject(new Error("it was stopped"));
    }
    signal.addEventListener("abort", onAbort);
    worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
      if (data.type !== "answer" && data.type !== "error") return;
      end();
      if (data.type === "answer") resolve(data.value as WhatIf);
      else reject(new Error(data.error.message));
    });
    worker.addEventListener("error", (event) => {
      end();
      reject(new Error(event.message));
    });
    const message: ToWorker = { type: "what-if", id: 1, text, measure };
    worker.postMessage(message);
  });
}
