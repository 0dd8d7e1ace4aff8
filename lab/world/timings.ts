/** How long things take and how often they are looked at, in every world. */

/** When a machine ends, what is left after this time gets SIGKILL. */
export const MACHINE_GRACE_MS = 2000;

/** A unit that is not ready by then is killed, unless its definition says otherwise. */
export const START_WITHIN_MS = 10_000;

/** From SIGTERM to SIGKILL, by the program. */
export const STOP_WITHIN_MS = { balancer: 5000, backend: 3000, instrument: 2000 } as const;

/** systemd's defaults: five starts in ten seconds, a tenth of a second apart. */
export const START_LIMIT = { burst: 5, intervalMs: 10_000 } as const;
export const RESTART_AFTER_MS = 100;
/** A toy backend takes longer: its crash is long enough to affect users. */
export const BACKEND_RESTART_AFTER_MS = 500;

/** Monitoring: between two scrapes and two evaluations, unless the pace has its own; dashboards/prometheus.yml has it, too. */
export const OBSERVE_EVERY_MS = 1000;
/** Delay of the first scrape: what a service does just after its start is no incident. */
export const OBSERVE_AFTER_MS = 3000;
/** Retention of samples: a drill and the time before it, with some to spare. */
export const SAMPLES_KEPT_MS = 60 * 60_000;

/** Deadlines of answers over HTTP within the machine: of a program's own interface, and of a query. */
export const ANSWER_WITHIN_MS = { program: 2000, query: 5000 } as const;
