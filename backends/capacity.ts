import type { Cancel, Clock } from "../runtime/clock.ts";
import type { Random } from "../runtime/random.ts";
import { createCrashRule, type CrashSpec } from "./crash-rule.ts";

/** A server's capacity: `slots` requests in parallel, `serviceMs` each on average, `queueLimit` more may wait. */
export interface CapacitySpec {
  readonly slots: number;
  readonly serviceMs: number;
  /** Shape of the lognormal service time; 0 makes all equal. Default 0.4. */
  readonly sigma?: number | undefined;
  readonly queueLimit: number;
  /** Absent: it never crashes. */
  readonly crash?: CrashSpec | undefined;
  /** Cold at its start: service takes `factor` times as long, falling linearly to 1 over `forMs`. */
  readonly warmup?: { readonly forMs: number; readonly factor: number } | undefined;
}

/** Something that needs a slot. `cancel` finds it by identity. */
export interface Job {
  /** Its service takes so many times as long as others'. Absent: once. */
  factor?: number;
  /** Called when it gets a slot. Further work during its service begins here. */
  start?(service: Service): void;
  /** Its service time has passed and every hold is released. Not called once it is cancelled. */
  done(): void;
}

export interface Service {
  /** When it got the slot, on the clock's monotonic scale; a little in the past where a timer was late. */
  readonly startedAt: number;
  readonly serviceMs: number;
  /** Keeps the slot until the returned function is called, also beyond the service time. */
  hold(): Cancel;
}

export interface Capacity {
  /** Takes a job, into a slot or into the queue. False: refused, the queue is full. */
  admit(job: Job): boolean;
  /** The job's client left. Waiting, it leaves the queue; in service, the slot stays busy to the end, as real work would. */
  cancel(job: Job): void;
  /** For the end of the process: all jobs are dropped, and none is called any more. */
  stop(): void;
  readonly refused: number;
  readonly served: number;
  inFlight(): number;
  queued(): number;
  /** Busy slots over all slots, 0..1. */
  saturation(): number;
}

export interface CapacityDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** Called at most once, by the refusal that breaks the crash rule. */
  readonly onCrash?: (() => void) | undefined;
}

const DEFAULT_SIGMA = 0.4;

interface Busy extends Service {
  readonly owner: State;
  readonly job: Job;
  holds: number;
  /** The latest of the scheduled end and the releases so far. */
  endsAt: number;
  abandoned: boolean;
}

interface State extends Capacity, CapacityDeps {
  readonly spec: CapacitySpec;
  readonly sigma: number;
  readonly createdAt: number;
  // An array, not a Set: a Set that members pass through all the time keeps them alive long after (see MemberList).
  readonly waiting: Job[];
  readonly busy: Busy[];
  readonly crashes: ReturnType<typeof createCrashRule> | undefined;
  crashed: boolean;
  stopped: boolean;
  refused: number;
  served: number;
  /** When the timer is due, which `cancelAlarm` stops; undefined: there is none. */
  alarmAt: number | undefined;
  cancelAlarm: Cancel;
}

/**
 * The capacity model of a backend. It keeps its own schedule, whatever the delays of timers: a freed slot's next
 * job begins at the scheduled end of the one before, so a late timer delays an answer and never costs a slot's time.
 * Free of promises; warm-up counts from its creation.
 */
export function createCapacity(spec: CapacitySpec, { clock, random, onCrash }: CapacityDeps): Capacity {
  const self: State = {
    spec,
    sigma: spec.sigma ?? DEFAULT_SIGMA,
    clock,
    random,
    onCrash,
    createdAt: clock.now(),
    waiting: [],
    busy: [],
    crashes: spec.crash && createCrashRule(spec.crash),
    crashed: false,
    stopped: false,
    refused: 0,
    served: 0,
    alarmAt: undefined,
    cancelAlarm: nothing,
    admit,
    cancel,
    stop,
    inFlight,
    queued,
    saturation,
  };
  return self;
}

// Shared functions, not closures: of thousands of backends, each one's closures would be out of cache.
function begin(self: State, job: Job, startedAt: number): void {
  const { spec, sigma, random, createdAt } = self;
  const serviceMs =
    random.lognormal(spec.serviceMs, sigma) * coldness(spec, startedAt - createdAt) * (job.factor ?? 1);
  const service: Busy = {
    owner: self,
    job,
    startedAt,
    serviceMs,
    holds: 0,
    endsAt: startedAt + serviceMs,
    abandoned: false,
    hold,
  };
  self.busy.push(service);
  job.start?.(service);
}

function hold(this: Busy): Cancel {
  this.holds++;
  let released = false;
  return () => {
    if (released) return;
    released = true;
    this.holds--;
    const now = this.owner.clock.now();
    this.endsAt = Math.max(this.endsAt, now);
    settle(this.owner, now);
  };
}

function end(self: State, service: Busy): void {
  const { busy, waiting } = self;
  leave(busy, service);
  self.served++;
  const job = waiting.shift();
  // Never before its arrival: a waiting job arrived when this slot was not free by schedule.
  if (job) begin(self, job, service.endsAt);
  if (!service.abandoned && !self.stopped) service.job.done();
}

/** Takes one out of a few, whose order stays: `splice` would make an array of it. */
function leave(busy: Busy[], service: Busy): void {
  for (let i = busy.indexOf(service); i < busy.length - 1; i++) busy[i] = busy[i + 1] as Busy;
  busy.pop();
}

/** Ends everything that was due by `now`, in the order it was due, then aims the timer at what is due next. */
function settle(self: State, now: number): void {
  let next = earliest(self.busy);
  while (next !== undefined && next.endsAt <= now) {
    end(self, next);
    next = earliest(self.busy);
  }
  const at = next?.endsAt;
  if (at === self.alarmAt) return;
  self.cancelAlarm();
  self.alarmAt = at;
  self.cancelAlarm = at === undefined ? nothing : self.clock.after(at - now, () => ring(self, at));
}

function ring(self: State, at: number): void {
  self.alarmAt = undefined;
  settle(self, Math.max(at, self.clock.now())); // a timer may also be a fraction early
}

const nothing = (): void => {};

function refuse(self: State, now: number): void {
  self.refused++;
  if (self.crashed || self.crashes?.(now) !== true) return;
  self.crashed = true;
  self.onCrash?.();
}

function admit(this: State, job: Job): boolean {
  if (this.stopped) return false;
  const { spec, busy, waiting } = this;
  const now = this.clock.now();
  settle(this, now); // a slot may be free by schedule before its timer has fired
  const free = busy.length < spec.slots;
  if (!free && waiting.length >= spec.queueLimit) {
    refuse(this, now);
    return false;
  }
  if (free) begin(this, job, now);
  else waiting.push(job);
  settle(this, now);
  return true;
}

function cancel(this: State, job: Job): void {
  const { waiting, busy } = this;
  const place = waiting.indexOf(job);
  if (place >= 0) return void waiting.splice(place, 1);
  const service = busy.find((one) => one.job === job);
  if (service) service.abandoned = true;
}

function stop(this: State): void {
  this.stopped = true;
  this.waiting.length = 0;
  this.busy.length = 0;
  this.cancelAlarm();
  this.alarmAt = undefined;
}

function inFlight(this: State): number {
  return this.busy.length;
}

function queued(this: State): number {
  return this.waiting.length;
}

function saturation(this: State): number {
  return this.busy.length / this.spec.slots;
}

/** The one whose slot is free first; undefined while all are held. */
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
