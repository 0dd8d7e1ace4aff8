import type { Cancel, Clock } from "../../../runtime/clock.ts";
import type { PoolConfig } from "../../config/schema.ts";
import type { AttemptResult } from "../../outcome.ts";
import type { Upstream } from "../upstream.ts";

export type OutlierSettings = NonNullable<PoolConfig["outlier"]>;

/** Judges upstreams by the attempts sent to them, and decides which are ejected and readmitted. */
export interface OutlierDetection {
  /** Undefined: off, and every ejected upstream is readmitted. */
  configure(settings: OutlierSettings | undefined): void;
  /** An attempt has ended. */
  ended(upstream: Upstream, result: AttemptResult): void;
  /** It has left the configuration. */
  forget(upstream: Upstream): void;
  stop(): void;
}

export interface OutlierDeps {
  readonly clock: Clock;
  /** How many upstreams the pool has. */
  readonly poolSize: () => number;
  readonly eject: (upstream: Upstream) => void;
  readonly readmit: (upstream: Upstream) => void;
}

interface Record {
  /** Failures in a row. */
  failures: number;
  /** Ejections not yet lived down. */
  ejections: number;
  readmittedAt: number;
  /** Ends the ejection's timer; undefined: it is not ejected. */
  stopTimer: Cancel | undefined;
}

/** Envoy's `max_ejection_time`, unless the first ejection is longer already. */
const LONGEST_EJECTION_MS = 300_000;
/** Envoy's `interval`: each such time without an ejection takes one off the count. */
const LIVED_DOWN_MS = 10_000;

/**
 * Envoy's consecutive 5xx: an upstream with so many failures in a row is ejected for `ejectionSeconds` times the number of
 * its ejections. Answers of 5xx count, and attempts that failed or came too late, as Envoy's locally originated
 * failures do; a client that left does not count. At most `maxEjectedPercent` of the pool are ejected at a time, but one may
 * always be.
 */
export function createOutlierDetection({ clock, poolSize, eject, readmit }: OutlierDeps): OutlierDetection {
  const records = new Map<Upstream, Record>();
  let settings: OutlierSettings | undefined;
  let ejected = 0;

  function recordOf(upstream: Upstream): Record {
    let record = records.get(upstream);
    if (!record) {
      record = { failures: 0, ejections: 0, readmittedAt: 0, stopTimer: undefined };
      records.set(upstream, record);
    }
    return record;
  }

  function release(record: Record): boolean {
    if (!record.stopTimer) return false;
    record.stopTimer();
    record.stopTimer = undefined;
    record.readmittedAt = clock.now();
    ejected -= 1;
    return true;
  }

  function judge(
    upstream: Upstream,
    record: Record,
    { ejectionSeconds, maxEjectedPercent }: OutlierSettings,
  ) {
    if (ejected >= Math.max(1, Math.floor((poolSize() * maxEjectedPercent) / 100))) return;
    const forMs = ejectionMs(record, clock.now(), ejectionSeconds * 1000);
    record.stopTimer = clock.after(forMs, () => {
      if (release(record)) readmit(upstream);
    });
    ejected += 1;
    eject(upstream);
  }

  return {
    configure(next) {
      settings = next;
      if (next) return;
      const all = [...records];
      records.clear();
      for (const [upstream, record] of all) if (release(record)) readmit(upstream);
    },
    ended(upstream, result) {
      if (!settings || result === "client-left" || result === "exhausted") return;
      if (result === "ok") {
        const known = records.get(upstream);
        if (known) known.failures = 0;
        return;
      }
      const record = recordOf(upstream);
      // What was sent before the ejection and fails only now has been judged already.
      if (record.stopTimer) return;
      record.failures += 1;
      if (record.failures >= settings.consecutive5xx) judge(upstream, record, settings);
    },
    forget(upstream) {
      const record = records.get(upstream);
      if (record) release(record);
      records.delete(upstream);
    },
    stop() {
      for (const record of records.values()) release(record);
    },
  };
}

/** How long this ejection lasts, which the record then counts. */
function ejectionMs(record: Record, now: number, baseMs: number): number {
  const livedDown = Math.floor((now - record.readmittedAt) / LIVED_DOWN_MS);
  record.ejections = Math.max(0, record.ejections - livedDown) + 1;
  record.failures = 0;
  return Math.min(baseMs * record.ejections, Math.max(baseMs, LONGEST_EJECTION_MS));
}
