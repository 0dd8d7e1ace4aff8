import type { Clock } from "../../runtime/clock.ts";
import type { OpenConnection } from "./connection.ts";
import { createConnectBackOff } from "./connect-back-off.ts";
import { startLane, type Lane } from "./lane.ts";
import type { LoadRequest } from "./request-mix.ts";
import type { Tally } from "./tally.ts";

export interface LoadOptions {
  readonly url: string;
  readonly requestsPerSecond: number;
  /** At most as many as requests a second. With as many, requests come one by one. */
  readonly connections: number;
  /** Where in each second a connection sends, 0..1. Absent: evenly spread over it. */
  readonly placeOf?: (connection: number) => number;
  readonly timeoutMs: number;
  readonly next: () => LoadRequest;
}

export interface LoadDeps {
  readonly clock: Clock;
  readonly open: OpenConnection;
  readonly tally: Tally;
}

/** A running load: as many lanes as connections, each with its own turn in every second. */
export function startLoad(options: LoadOptions, deps: LoadDeps): Lane {
  const { requestsPerSecond, connections, placeOf = (lane: number) => lane / connections } = options;
  const backOff = createConnectBackOff(deps.clock);
  const lanes = Array.from({ length: connections }, (_, i) =>
    startLane(
      {
        url: options.url,
        // Whole requests only: the first lanes take what does not divide.
        requestsPerSecond:
          Math.floor(requestsPerSecond / connections) + (i < requestsPerSecond % connections ? 1 : 0),
        timeoutMs: options.timeoutMs,
        offsetMs: 1000 * placeOf(i),
        next: options.next,
      },
      { ...deps, backOff },
    ),
  );
  return {
    finish: () => lanes.forEach((lane) => lane.finish()),
    stop: () => lanes.forEach((lane) => lane.stop()),
  };
}
