import type { LabEvent } from "../../../lab/events/event.ts";
import { OPERATION_NAMES } from "../../../lab/trainee/routes.ts";
import { traineeOf } from "../../../lab/trainee/trainee.ts";
import { CodedError, ERROR_CATALOGUE, type ErrorCode } from "../../../runtime/errors.ts";
import { createSubscribers } from "../../../runtime/subscribers.ts";
import { runAgain } from "./runs-again.ts";
import type { ConsoleWorld, VirtualNow } from "./console-world.ts";
import { createFaultReport } from "./fault-report.ts";
import type { Beginning, FromWorker, PassedError, Recorded, Speed, ToWorker } from "./protocol.ts";

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Opens an incident in a worker of its own, which ends with it. */
export function openVirtualWorld(beginning: Beginning, speed: Speed): Required<ConsoleWorld> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const send = (message: ToWorker): void => worker.postMessage(message);
  const waiting = new Map<number, Waiting>();
  const events = createSubscribers<LabEvent>();
  const trouble = createSubscribers<string | undefined>();
  const times = createSubscribers<VirtualNow>();
  const recordings = createSubscribers<Recorded>();
  const refusals = createSubscribers<PassedError>();
  const report = createFaultReport(LAB_RELEASE, beginning);
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

  function failed(message: string, isGone: boolean): void {
    report.failed(message);
    const why = `the simulated lab ended: ${message}`;
    if (isGone) end(why);
    else trouble.emit(why);
  }

  worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
    switch (data.type) {
      case "event":
        return events.emit(data.event);
      case "time":
        report.passed(data.nowMs);
        return times.emit(data);
      case "recorded":
        return recordings.emit(data.recorded);
      case "refused":
        return refusals.emit(data.error);
      case "failed":
        return failed(data.message, data.gone);
      case "answer":
      case "error": {
        const call = waiting.get(data.id);
        waiting.delete(data.id);
        return data.type === "answer" ? call?.resolve(data.value) : call?.reject(errorOf(data.error));
      }
    }
  });
  worker.addEventListener("error", (event) => failed(event.message, true));
  send({ type: "open", beginning, speed });

  return {
    kind: "virtual",
    trainee: traineeOf(OPERATION_NAMES, (name, input, { background = false }) => {
      if (!background) report.called(name, input);
      return ask((id) => ({ type: "call", id, name, input, background }));
    }),
    onEvent: (run) => events.add(run),
    onTrouble: (run) => trouble.add(run),
    pacing: {
      set: (next) => send({ type: "speed", speed: next }),
      step: (ms) => send({ type: "step", ms }),
      until: (step) => send({ type: "until", step }),
      onTime: (run) => times.add(run),
      handOver: () => ask((id) => ({ type: "hand-over", id })),
      runAgain,
      onRecorded: (run) => recordings.add(run),
      onRefused: (run) => refusals.add(run),
      report: () => report.text(),
    },
    close: () => worker.terminate(),
  };
}

function errorOf({ code, message, hint }: PassedError): Error {
  if (code === undefined || !(code in ERROR_CATALOGUE)) return new Error(message);
  return new CodedError(code as ErrorCode, message, hint === undefined ? {} : { hint });
}
