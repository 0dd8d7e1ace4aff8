import { every } from "../../runtime/clock.ts";
import { instant } from "./instant.ts";
import { defineMeasure } from "./kind.ts";
import type { MeasureActions, Suspicion } from "./measure.ts";
import { onAbort } from "./on-abort.ts";
import { number } from "./parameters.ts";

/** How often a minute it looks. */
const LOOKS_A_MINUTE = 12;
const KEPT = 2000;
/** Times the windows of a warning after which a series is learnt afresh. */
const LEARNT_AFTER = 10;
/** A median absolute deviation of normal noise is this much of its standard deviation. */
const MAD_TO_SIGMA = 1.4826;

export const anomalyDetection = defineMeasure({
  name: "anomaly-detection",
  does: "learns each series' usual value, and warns when one leaves it for several windows: rate, failures, latency, share by upstream",
  askedFor: ["002", "004"],
  hooks: "monitoring, by queries in PromQL",
  trap: "what was meant to change is an anomaly, too: every intended change of weights warns",
  parameters: {
    k: number(
      "5",
      "how many deviations from the median are none any more",
      "Prometheus and Grafana users: 3 to 6 times MAD",
    ),
    windows: number("3", "for how many looks in a row", "three windows, as for control charts"),
    points: number("5", "looks before a series has a usual value", "Kayenta has 50, a lab's calm is shorter"),
  },
  create: ({ k, windows, points }, { minuteMs }) => ({
    measure: {
      name: "anomaly-detection",
      begin(actions) {
        const { clock, signal, suspect } = actions;
        const usual = createUsual({ k, windows, points });
        const stop = every(clock, Math.max(1000, minuteMs / LOOKS_A_MINUTE), () => {
          void look(actions).then((seen) => {
            if (!signal.aborted) usual.take(seen).forEach(suspect);
          });
        });
        onAbort(signal, stop);
        return {};
      },
    },
  }),
});

/** One series at one look. */
interface Seen {
  readonly key: string;
  readonly value: number;
  /** Its value where it is new: undefined for what has none before it was seen. */
  readonly initial?: number;
  /** A smaller deviation is never one. */
  readonly floor: number;
  readonly suspicion: Suspicion;
}

const RATE = "[15s]";
const QUERIES = {
  share: `sum by (pool, upstream) (rate(lb_upstream_requests_total${RATE})) / on (pool) group_left sum by (pool) (rate(lb_upstream_requests_total${RATE}))`,
  failures: `sum by (pool, upstream) (rate(lb_upstream_requests_total{result!="ok"}${RATE})) / sum by (pool, upstream) (rate(lb_upstream_requests_total${RATE}) > 0)`,
  latency: `sum by (pool) (rate(lb_response_seconds_sum${RATE})) / sum by (pool) (rate(lb_response_seconds_count${RATE}) > 0)`,
  up: `max(up{job="balancer"})`,
} as const;

async function look(actions: MeasureActions): Promise<readonly Seen[]> {
  const [shares, failures, latencies, up] = await Promise.all([
    instant(actions, QUERIES.share),
    instant(actions, QUERIES.failures),
    instant(actions, QUERIES.latency),
    instant(actions, QUERIES.up),
  ]);
  const ofUpstream =
    (by: "share" | "failures", floor: number, initial?: number) =>
    ({ labels: { pool = "", upstream: name = "" }, value }: (typeof shares)[number]): Seen => ({
      key: `${by} ${pool}/${name}`,
      value,
      floor,
      ...(initial === undefined ? {} : { initial }),
      suspicion: {
        upstream: { pool, name, by },
        message: `the ${TEXTS[by]} of ${name} in pool ${pool} is out of its usual range`,
      },
    });
  return [
    ...shares.map(ofUpstream("share", 0.1)),
    ...failures.map(ofUpstream("failures", 0.05, 0)),
    ...latencies.map(({ labels: { pool = "" }, value }): Seen => ({
      key: `latency ${pool}`,
      value,
      floor: 0.05,
      suspicion: { message: `the latency of pool ${pool} is out of its usual range` },
    })),
    ...up.map(({ value }): Seen => ({
      key: "up",
      value,
      floor: 0.5,
      suspicion: { unit: "balancer", message: "the balancer's metrics are gone" },
    })),
  ].filter(({ value }) => Number.isFinite(value));
}

const TEXTS = { share: "share of the requests", failures: "share of failures" } as const;

interface Limits {
  readonly k: number;
  readonly windows: number;
  readonly points: number;
}

/** Usual values of series, and which of them have left theirs. */
export function createUsual({ k, windows, points }: Limits): {
  /** Takes one look, and returns what has been out of its range for long enough, once each. */
  take(seen: readonly Seen[]): readonly Suspicion[];
} {
  const history = new Map<string, number[]>();
  const outFor = new Map<string, number>();
  return {
    take: (seen) =>
      seen.flatMap(({ key, value, initial, floor, suspicion }) => {
        const values =
          history.get(key) ?? (initial === undefined ? [] : Array.from({ length: points }, () => initial));
        history.set(key, values);
        if (values.length >= points) {
          const middle = median(values);
          const spread = median(values.map((one) => Math.abs(one - middle))) * MAD_TO_SIGMA;
          const isOut = Math.abs(value - middle) > Math.max(floor, k * spread);
          const count = isOut ? (outFor.get(key) ?? 0) + 1 : 0;
          outFor.set(key, count);
          // What is out of its range is not learnt from, or an outage would be usual soon.
          // What lasts has become usual: it is learnt afresh.
          if (count >= windows * LEARNT_AFTER) {
            history.delete(key);
            outFor.delete(key);
          }
          if (isOut) return count === windows ? [suspicion] : [];
        }
        values.push(value);
        if (values.length > KEPT) values.shift();
        return [];
      }),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = [sorted[Math.max(0, middle - 1)], sorted[middle]];
  return sorted.length % 2 === 0 ? (low + high) / 2 : high;
}
