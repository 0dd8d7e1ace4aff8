import { sleep, type Clock } from "../../../runtime/clock.ts";
import { CodedError } from "../../../runtime/errors.ts";
import { callHttp } from "../../../runtime/http-call.ts";
import { ANSWER_WITHIN_MS, OBSERVE_AFTER_MS } from "../timings.ts";
import type { DockerEngine } from "./engine.ts";
import type { ContainerIds } from "./launcher.ts";

export interface StartObserversDeps {
  readonly clock: Clock;
  readonly engine: Pick<DockerEngine, "start">;
  readonly ids: ContainerIds;
  /** Of those that must be ready: Prometheus and Alertmanager. */
  readonly origins: readonly string[];
  readonly signal: AbortSignal;
}

const OBSERVERS_WITHIN_MS = 30_000;

/** Starts what observes and pages, once there is something to observe. Throws ENVIRONMENT when one does not get ready. */
export async function startObservers({
  clock,
  engine,
  ids,
  origins,
  signal,
}: StartObserversDeps): Promise<void> {
  await sleep(clock, OBSERVE_AFTER_MS, signal);
  for (const unit of ["prometheus", "alertmanager", "grafana"]) {
    const found = ids.get(unit);
    if (found !== undefined) await engine.start(found);
  }
  const deadline = clock.now() + OBSERVERS_WITHIN_MS;
  for (const origin of origins)
    while (!(await isReady(origin))) {
      if (clock.now() > deadline) throw new CodedError("ENVIRONMENT", `${origin} does not get ready`);
      await sleep(clock, 250, signal);
    }
  signal.throwIfAborted();
}

async function isReady(origin: string): Promise<boolean> {
  try {
    return (await callHttp({ origin, path: "/-/ready", withinMs: ANSWER_WITHIN_MS.program })).ok;
  } catch {
    return false; // not up yet
  }
}
