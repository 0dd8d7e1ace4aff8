import { CodedError } from "../../runtime/errors.ts";

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
