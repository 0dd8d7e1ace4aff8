import type { Observer } from "./balancer.ts";

/** One observer that notifies all of these, in their order. */
export function fanOut(observers: readonly Observer[]): Observer {
  const notify =
    <K extends keyof Observer>(event: K) =>
    (...detail: Parameters<Observer[K]>): void => {
      for (const observer of observers)
        (observer[event] as (...detail: Parameters<Observer[K]>) => void)(...detail);
    };
  return {
    request: notify("request"),
    attempt: notify("attempt"),
    retry: notify("retry"),
    retryDenied: notify("retryDenied"),
    check: notify("check"),
    upstreamState: notify("upstreamState"),
    ejected: notify("ejected"),
    configured: notify("configured"),
  };
}
