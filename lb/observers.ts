import type { Observer } from "./balancer.ts";

/** One observer that tells all of these, in their order. */
export function fanOut(observers: readonly Observer[]): Observer {
  const tell =
    <K extends keyof Observer>(event: K) =>
    (...detail: Parameters<Observer[K]>): void => {
      for (const observer of observers)
        (observer[event] as (...detail: Parameters<Observer[K]>) => void)(...detail);
    };
  return {
    request: tell("request"),
    attempt: tell("attempt"),
    retry: tell("retry"),
    retryDenied: tell("retryDenied"),
    check: tell("check"),
    upstreamState: tell("upstreamState"),
    ejected: tell("ejected"),
    configured: tell("configured"),
  };
}
