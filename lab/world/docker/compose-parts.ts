import type { PortPlan } from "../ports.ts";
import type { RunMark } from "./run-mark.ts";

export interface ComposeOptions {
  /** Directory with `units/`, `balancer/` and `targets/`, as the Compose file calls it. */
  readonly files: string;
  /** The project's `dashboards/`, as the Compose file calls it. */
  readonly dashboards: string;
  /** The project's root, for the build. */
  readonly context: string;
  /** The image of the lab's programs, unless LAB_IMAGE names another. Built when it is missing, never pulled. */
  readonly image: string;
  readonly plan: PortPlan;
  /** The run that the containers belong to. */
  readonly mark: RunMark;
  /** `uid:gid` that the lab's programs run as. */
  readonly user: string;
  /** Whether a lab supervises them: it takes their messages and changes the balancer's configuration. */
  readonly supervised: boolean;
}

/** What every container has: few rights, a bounded log, and a restart policy only where no lab restarts units. */
export const hardened = ({ supervised }: Pick<ComposeOptions, "supervised">) => ({
  restart: supervised ? "no" : "on-failure",
  security_opt: ["no-new-privileges:true"],
  cap_drop: ["ALL"],
  logging: { driver: "json-file", options: { "max-size": "5m", "max-file": "2" } },
});

/** Compose profile of the services that only observe. */
export const OBSERVE_PROFILE = "observe";

/** Profile of Grafana: LBLAB_GRAFANA=off gives it a profile that is never enabled. */
export const GRAFANA_PROFILE = "grafana-on";
export const GRAFANA_PROFILE_TEMPLATE = "grafana-${LBLAB_GRAFANA:-on}";

/** When a container's health is checked. */
export const HEALTH_TIMES = { interval: "10s", timeout: "5s", retries: 3, start_period: "20s" } as const;

/**
 * A directory of a container that its user may write to, and that ends with the container. Owned by number: runc before
 * 1.1.8 gives a tmpfs the mode of the directory that the image has there, or that the container's first start has left.
 */
export function ownTmpfs(dir: string, user: string): string {
  const [uid, gid] = user.split(":");
  return `${dir}:uid=${uid},gid=${gid},mode=0755`;
}

/** Where a port is reached on this machine: by number in a lab, which moves them all; else LBLAB_PORT_<NAME> may move it. */
export function published(
  { supervised }: Pick<ComposeOptions, "supervised">,
  { name, port, inside = port }: { readonly name: string; readonly port: number; readonly inside?: number },
): string {
  return `127.0.0.1:${supervised ? port : `\${${portVariable(name)}:-${port}}`}:${inside}`;
}

/** An address of this machine, as `published` has it. */
export const ownUrl = (
  { supervised }: Pick<ComposeOptions, "supervised">,
  { name, port }: { readonly name: string; readonly port: number },
): string => `http://127.0.0.1:${supervised ? port : `\${${portVariable(name)}:-${port}}`}`;

const portVariable = (name: string): string => `LBLAB_PORT_${name.toUpperCase().replaceAll("-", "_")}`;
