import type { Cancel, Clock } from "../runtime/clock.ts";
import type { Random } from "../runtime/random.ts";
import { createCrashRule, type CrashSpec } from "./crash-rule.ts";

/** What a server can do: `slots` side by side, each taking `serviceMs` on average, `queueLimit` more may wait. */
export interface CapacitySpec {
  readonly slots: number;
  readonly serviceMs: number;
  /** Shape of the lognormal service time; 0 makes every one equal. Default 0.4. */
  readonly sigma?: number | undefined;
  readonly queueLimit: number;
  /** Absent: it never crashes. */
  readonly crash?: CrashSpec | undefined;
  /** Cold at its start: service takes `factor` times as long, falling linearly to 1 over `forMs`. */
  readonly warmup?: { readonly forMs: number; readonly factor: number } | undefined;
}

/** Something that needs a slot. Its identity is what `cancel` goes by. */
export interface Job {
  /** A slot took it. What else it needs while it has the slot begins here. */
  start?(service: Service): void;
  /** Its service time has passed and every hold is released. Not called once it is cancelled. */
  done(): void;
}

export interface Service {
  /** When the slot became its own, on the clock's monotonic scale; a little in the past where a timer was late. */
  readonly startedAt: number;
  readonly serviceMs: number;
  /** Keeps the slot until the returned function is called, be it longer than the service time. */
  hold(): Cancel;
}

export interface Capacity {
  /** Takes a job, into a slot or into the queue. False: refused, the queue is full. */
  admit(job: Job): boolean;
  /** The job's client left. Waiting, it gives up its place; in service, the slot is busy to the end like real work. */
  cancel(job: Job): void;
  /** The process is gone: everything is dropped, and nobody is called any more. */
  stop(): void;
  readonly inFlight: number;
  readonly queued: number;
  readonly refused: number;
  readonly served: number;
  /** Busy slots over all slots, 0..1. */
  readonly saturation: number;
}

export interface CapacityDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** Called at most once, by the refusal that breaks the crash rule. */
  readonly onCrash?: (() => void) | undefined;
}

const DEFAULT_SIGMA = 0.4;

interface Busy extends Service {
  readonly job: Job;
  holds: number;
  /** The latest of the scheduled end and the releases so far. */
  endsAt: number;
  abandoned: boolean;
}

/**
 * The capacity model of a backend. Its pace is its own bookkeeping, not the punctuality of timers: a freed slot's next
 * job begins at the scheduled end of the one before, so a late timer delays an answer and never costs a slot's time.
 * Free of promises; warm-up counts from its creation.
 */
export function createCapacity(spec: CapacitySpec, { clock, random, onCrash }: CapacityDeps): Capacity {
  const sigma = spec.sigma ?? DEFAULT_SIGMA;
  const createdAt = clock.now();
  // An array, not a Set: a Set that members pass through all the time keeps them alive when they are long gone (see Crowd).
  const waiting: Job[] = [];
  const busy: Busy[] = [];
  const crashes = spec.crash && createCrashRule(spec.crash);
  let crashed = false;
  let stopped = false;
  let refused = 0;
  let served = 0;
  let alarm: { readonly at: number; readonly cancel: Cancel } | undefined;

  function begin(job: Job, startedAt: number): void {
    const serviceMs = random.lognormal(spec.serviceMs, sigma) * coldness(spec, startedAt - createdAt);
    const service: Busy = {
      job,
      startedAt,
      serviceMs,
      holds: 0,
      endsAt: startedAt + serviceMs,
      abandoned: false,
      hold() {
        service.holds++;
        let released = false;
        return () => {
          if (released) return;
          released = true;
          service.holds--;
          service.endsAt = Math.max(service.endsAt, clock.now());
          settle(clock.now());
        };
      },
    };
    busy.push(service);
    job.start?.(service);
  }

  function end(service: Busy): void {
    busy.splice(busy.indexOf(service), 1);
    served++;
    const job = waiting.shift();
    // Never before it came: who waits came when this slot was not free by schedule.
    if (job) begin(job, service.endsAt);
    if (!service.abandoned && !stopped) service.job.done();
  }

  /** Ends everything that was due by `now`, in the order it was due, then aims the timer at what is due next. */
  function settle(now: number): void {
    let next = earliest(busy);
    while (next !== undefined && next.endsAt <= now) {
      end(next);
      next = earliest(busy);
    }
    if (alarm?.at === next?.endsAt) return;
    alarm?.cancel();
    alarm = undefined;
    if (next === undefined) return;
    const at = next.endsAt;
    const cancel = clock.after(at - now, () => {
      alarm = undefined;
      settle(Math.max(at, clock.now())); // a timer may also be a fraction early
    });
    alarm = { at, cancel };
  }

  function refuse(now: number): void {
    refused++;
    if (crashed || crashes?.(now) !== true) return;
    crashed = true;
    onCrash?.();
  }

  return {
    admit(job) {
      if (stopped) return false;
      const now = clock.now();
      settle(now); // a slot may be free by schedule before its timer has fired
      const free = busy.length < spec.slots;
      if (!free && waiting.length >= spec.queueLimit) {
        refuse(now);
        return false;
      }
      if (free) begin(job, now);
      else waiting.push(job);
      settle(now);
      return true;
    },
    cancel(job) {
      const place = waiting.indexOf(job);
      if (place >= 0) return void waiting.splice(place, 1);
      const service = busy.find((one) => one.job === job);
      if (service) service.abandoned = true;
    },
    stop() {
      stopped = true;
      waiting.length = 0;
      busy.length = 0;
      alarm?.cancel();
      alarm = undefined;
    },
    get inFlight() {
      return busy.length;
    },
    get queued() {
      return waiting.length;
    },
    get refused() {
      return refused;
    },
    get served() {
      return served;
    },
    get saturation() {
      return busy.length / spec.slots;
    },
  };
}

/** The one whose slot is free first; none while all are held by something else. */
function earliest(busy: readonly Busy[]): Busy | undefined {
  let first: Busy | undefined;
  for (const one of busy)
    if (one.holds === 0 && (first === undefined || one.endsAt < first.endsAt)) first = one;
  return first;
}

function coldness({ warmup }: CapacitySpec, ageMs: number): number {
  if (warmup === undefined || ageMs >= warmup.forMs) return 1;
  return 1 + (warmup.factor - 1) * (1 - ageMs / warmup.forMs);
}
