import type { Clock } from "../../runtime/clock.ts";
import type { Traffic } from "../judge/traffic.ts";
import { percent } from "../judge/well.ts";
import type { PagerRule } from "../observe/pager.ts";
import { GRACE_MS } from "./watch.ts";

const LAST_MS = 5000;
const LIMIT_RATIO = 0.05;
/** Fewer say nothing. */
const ENOUGH_REQUESTS = 50;

/** Wakes somebody when more than 5 % of the last 5 s' requests fail for 2 s; those that hang have failed. */
export const highFailureRatio = (traffic: Traffic, clock: Clock): PagerRule => ({
  name: "HighFailureRatio",
  severity: "page",
  forMs: 2000,
  evaluate() {
    const now = clock.wall();
    const window = traffic.window(now - LAST_MS, now);
    const hanging = traffic.unanswered(now - LAST_MS, now - GRACE_MS);
    const requests = window.requests + hanging;
    if (requests < ENOUGH_REQUESTS) return undefined;
    const failedRatio = (window.failed + hanging) / requests;
    return {
      firing: failedRatio > LIMIT_RATIO,
      summary: `${percent(failedRatio)} of requests failed in the last 5 s`,
    };
  },
});
