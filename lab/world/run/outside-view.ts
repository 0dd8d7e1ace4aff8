import type { OutsideStep } from "../world.ts";

/** The state of a lab that others can change without it, at one moment. */
export interface OutsideView {
  /** The balancer's file; undefined when it cannot be read. */
  readonly text: string | undefined;
  /** The author of its newest version, and the owner of the file. */
  readonly author: string | undefined;
  readonly owner: string | undefined;
  /** The version in force; undefined when the balancer does not answer. */
  readonly inForce: number | undefined;
  readonly balancerPid: number | undefined;
  /** See `upstreamStates`; undefined when the balancer does not answer. */
  readonly upstreams: Readonly<Record<string, string>> | undefined;
  /** Units whose process was stopped by a signal. */
  readonly stopped: readonly string[];
  /** Foreign processes on the lab's ports. */
  readonly foreign: readonly ForeignHolder[];
}

export interface ForeignHolder {
  readonly port: number;
  readonly pid: number;
  readonly program: string;
  readonly user: string;
}

/** The author of a version that is no account: the file was edited. */
const EDITED = "file";

/** What others did between two moments in which the lab itself did nothing. */
export function stepsBetween(before: OutsideView, now: OutsideView): OutsideStep[] {
  const steps: OutsideStep[] = [];
  const sameBalancer = now.balancerPid === before.balancerPid;
  const edited = before.text !== undefined && now.text !== before.text;
  const step = (action: string, subject: string, by: string, message: string): number =>
    steps.push({ action, subject, by, message });

  if (edited && (now.text === undefined || now.author === EDITED || now.author === before.author))
    steps.push({
      action: now.text === undefined ? "remove balancer.yaml" : "edit balancer.yaml",
      subject: "config",
      by: now.owner === undefined ? "unknown" : `${now.owner}, whose file it is`,
      message: "the balancer's file is another one",
      ...(now.text === undefined ? {} : { config: { before: before.text, after: now.text } }),
    });
  else if (edited && now.text !== undefined)
    steps.push({
      action: "PUT /config",
      subject: "config",
      by: `"${now.author ?? "unknown"}", by the balancer's admin interface`,
      message: `version ${now.inForce ?? "unknown"} is in force`,
      config: { before: before.text, after: now.text },
    });
  const putByAdmin = edited && now.author !== EDITED && now.author !== before.author;
  const reloaded = sameBalancer && isOther(before.inForce, now.inForce);
  if (reloaded && !putByAdmin)
    step("kill -HUP balancer", "config", "unknown", `version ${now.inForce} is in force`);
  // Another configuration, or another process, has upstreams of its own.
  if (sameBalancer && !reloaded && before.upstreams && now.upstreams)
    for (const [name, state] of Object.entries(now.upstreams)) {
      const was = before.upstreams[name];
      if (was !== undefined && was !== state)
        step(
          `PATCH /upstreams/${name.slice(name.indexOf("/") + 1)}`,
          `upstream ${name.slice(name.indexOf("/") + 1)}`,
          "unknown, by the balancer's admin interface",
          `${state}, was ${was}`,
        );
    }
  for (const unit of now.stopped)
    if (!before.stopped.includes(unit)) step(`kill -STOP ${unit}`, unit, "unknown", "its process is stopped");
  for (const unit of before.stopped)
    if (!now.stopped.includes(unit)) step(`kill -CONT ${unit}`, unit, "unknown", "its process goes on");
  for (const { port, pid, program, user } of now.foreign)
    if (!before.foreign.some((one) => one.port === port && one.pid === pid))
      step(
        `listen on port ${port}`,
        `port ${port}`,
        user,
        `${program} (pid ${pid}), none of the lab's, listens there`,
      );
  for (const { port, pid, program, user } of before.foreign)
    if (!now.foreign.some((one) => one.port === port && one.pid === pid))
      step(`leave port ${port}`, `port ${port}`, user, `${program} (pid ${pid}) listens there no more`);
  return steps;
}

const isOther = (before: number | undefined, now: number | undefined): boolean =>
  before !== undefined && now !== undefined && before !== now;
