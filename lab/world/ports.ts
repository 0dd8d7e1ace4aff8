import { createServer } from "node:net";
import { CodedError, messageOf, systemCode } from "../../runtime/errors.ts";
import { portHolder } from "../../runtime/port-holder.ts";

export const DEFAULT_BASE_PORT = 8080;
export const HOST = "127.0.0.1";

/** The ports of a lab, all at a fixed distance from the listener's, so that one flag moves them together. */
export interface PortPlan {
  readonly listener: number;
  readonly admin: number;
  readonly control: number;
  readonly probeMetrics: number;
  /** The evaluator's Prometheus API. */
  readonly evaluator: number;
  readonly backends: readonly number[];
}

const OFFSET = { admin: 324, control: -1010, evaluator: 1010, probeMetrics: 1020, backends: 1021 } as const;
const MIN_BASE = 1024 - OFFSET.control;

/** Every port of the plan. */
export const allPorts = ({
  listener,
  admin,
  control,
  probeMetrics,
  evaluator,
  backends,
}: PortPlan): readonly number[] => [listener, admin, control, evaluator, probeMetrics, ...backends];

/** Throws CodedError USAGE for a base that leaves a port outside of 1024..65535. */
export function portPlan(base: number = DEFAULT_BASE_PORT, backendCount = 24): PortPlan {
  const maxBase = 65_536 - OFFSET.backends - backendCount;
  if (!Number.isInteger(base) || base < MIN_BASE || base > maxBase)
    throw new CodedError(
      "USAGE",
      `--port-base must be a whole number from ${MIN_BASE} to ${maxBase}, not ${base}`,
    );
  return {
    listener: base,
    admin: base + OFFSET.admin,
    control: base + OFFSET.control,
    evaluator: base + OFFSET.evaluator,
    probeMetrics: base + OFFSET.probeMetrics,
    backends: Array.from({ length: backendCount }, (_, i) => base + OFFSET.backends + i),
  };
}

export interface TakenPort {
  readonly port: number;
  /** The system's code: EADDRINUSE, EACCES. */
  readonly code: string;
  /** Who holds it and why it cannot be had, in words. */
  readonly detail: string;
}

/** Those of the ports that cannot be listened on now, found by trying. */
export async function takenPorts(ports: readonly number[]): Promise<readonly TakenPort[]> {
  const found = await Promise.all(ports.map((port) => tryPort(port)));
  return found.filter((one) => one !== undefined);
}

/** Throws CodedError PORT_IN_USE that names every port in the way, its holder, and the flag that moves us. */
export async function assertPortsFree(ports: readonly number[]): Promise<void> {
  const taken = await takenPorts(ports);
  if (taken.length === 0) return;
  throw new CodedError("PORT_IN_USE", taken.map((one) => `port ${one.port} ${one.detail}`).join("; "), {
    hint: "free what is in the way, or move the whole lab with --port-base N",
  });
}

async function tryPort(port: number): Promise<TakenPort | undefined> {
  const error = await bindError(port);
  if (error === undefined) return undefined;
  const code = systemCode(error) ?? "";
  if (code !== "EADDRINUSE") return { port, code, detail: `cannot be listened on: ${messageOf(error)}` };
  const holder = await portHolder(port);
  const who = holder
    ? `${holder.name} (pid ${holder.pid}: ${holder.command})`
    : "a process we may not look at";
  return { port, code, detail: `is in use by ${who}` };
}

function bindError(port: number): Promise<unknown> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", resolve);
    server.listen({ port, host: HOST, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
