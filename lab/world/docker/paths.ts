import { join } from "node:path";

/** Where a run in containers keeps its files, as absolute paths. */
export interface DockerPaths {
  readonly files: string;
  readonly units: string;
  /** The balancer's directory, which its container sees as STATE_DIR. */
  readonly state: string;
  readonly config: string;
  readonly token: string;
  /** The supervisor's metrics, which the relay hands to Prometheus. */
  readonly metrics: string;
}

/** The paths within a run's directory. */
export function dockerPaths(runRoot: string): DockerPaths {
  const files = join(runRoot, "docker");
  const state = join(files, "balancer");
  return {
    files,
    units: join(files, "units"),
    state,
    config: join(state, "balancer.yaml"),
    token: join(state, "token"),
    metrics: join(files, "relay", "lab.prom"),
  };
}
