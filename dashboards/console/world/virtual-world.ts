import type { LabEvent } from "../../../lab/events/event.ts";
import { OPERATION_NAMES } from "../../../lab/trainee/routes.ts";
import { traineeOf } from "../../../lab/trainee/trainee.ts";
import { CodedError, ERROR_CATALOGUE, type ErrorCode } from "../../../runtime/errors.ts";
import { createSubscribers } from "../../../runtime/subscribers.ts";
import type { ConsoleWorld } from "./console-world.ts";
import type { FromWorker, PassedError, Speed, ToWorker } from "./protocol.ts";

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Opens an incident in a worker of its own, which ends with it. */
export function openVirtualWorld(alias: string, seed: number, speed: Speed): ConsoleWorld {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const send = (message: ToWorker): void => worker.postMessage(message);
  const waiting = new Map<number, Waiting>();
  const events = createSubscribers<LabEvent>();
  const trouble = createSubscribers<string | undefined>();
  let last = 0;
  /** Why no call is answered any more. */
  let ended: Error | undefined;

  function end(why: string): void {
    ended = new Error(why);
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
    trouble.emit(why);
  }

  function ask<T>(message: (id: number) => ToWorker): Promise<T> {
    if (ended) return Promise.reject(ended);
    const id = (last += 1);
    return new Promise<T>((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      send(message(id));
    });
  }

  worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
    if (data.type === "event") return events.emit(data.event);
    if (data.type === "failed") {
      const why = `the simulated lab ended: ${data.message} (${data.alias}, seed ${data.seed})`;
      return data.gone ? end(why) : trouble.emit(why);
    }
    const call = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.type === "answer") call?.resolve(data.value);
    else call?.reject(errorOf(data.error));
  });
  worker.addEventListener("error", (event) => end(`the simulated lab ended: ${event.message}`));
  send({ type: "open", alias, seed, speed });

  return {
    kind: "virtual",
    trainee: traineeOf(OPERATION_NAMES, (name, input, { background = false }) =>
      ask((id) => ({ type: "call", id, name, input, background })),
    ),
    onEvent: (run) => events.add(run),
    onTrouble: (run) => trouble.add(run),
    pacing: {
      set: (next) => send({ type: "speed", speed: next }),
      step: (ms) => send({ type: "step", ms }),
      handOver: () => ask((id) => ({ type: "hand-over", id })),
    },
    close: () => worker.terminate(),
  };
}

function errorOf({ code, message, hint }: PassedError): Error {
  if (code === undefined || !(code in ERROR_CATALOGUE)) return new Error(message);
  return new CodedError(code as ErrorCode, message, hint === undefined ? {} : { hint });
}
