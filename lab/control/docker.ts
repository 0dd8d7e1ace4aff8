import { join } from "node:path";
import type { Clock } from "../../runtime/clock.ts";
import { findCompose } from "../world/docker/compose-command.ts";
import { connectDocker, createDockerEngine } from "../world/docker/engine.ts";
import { createDockerWorld } from "../world/docker/world.ts";
import { assertPortsFree, type PortPlan } from "../world/live/ports.ts";
import type { RunDir } from "../world/live/run-dir.ts";
import type { StaleRun } from "../world/live/stale.ts";
import type { World } from "../world/world.ts";
import { metricsText } from "./metrics.ts";

/** What a lab in containers takes from its surroundings. */
export interface DockerLabConfig {
  /** The checkout. */
  readonly root: string;
  /** DOCKER_HOST, image names and Compose's own variables among them. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `uid:gid` of the supervisor. */
  readonly user: string;
}

export interface DockerLabDeps {
  readonly clock: Clock;
  readonly plan: PortPlan;
  readonly runDir: RunDir;
  readonly stale: readonly StaleRun[];
  readonly onProgress: (line: string) => void;
}

const DEFAULT_IMAGE = "outage-lab";

/** Finds an engine and Compose, clears away what an abandoned run of ours left, and returns how to make worlds. */
export async function prepareDocker(
  { root, environment, user }: DockerLabConfig,
  { clock, plan, runDir, stale, onProgress }: DockerLabDeps,
): Promise<(seed: number) => World> {
  const docker = await connectDocker({
    host: environment["DOCKER_HOST"],
    remoteAllowed: environment["LBLAB_DOCKER_REMOTE"] === "1",
  });
  for (const { supervisor } of stale) {
    if (!supervisor) continue;
    const engine = createDockerEngine(docker, supervisor.marker);
    for (const { id, unit } of await engine.containers()) {
      onProgress(`removing ${unit}, left by an earlier lab`);
      await engine.remove(id);
    }
  }
  await assertPortsFree([plan.evaluator + 3, plan.evaluator + 5]);
  const composePath = join(runDir.paths.root, "compose.yml");
  const project = `lblab-${plan.listener}-${runDir.marker.slice(0, 8).toLowerCase()}`;
  const compose = await findCompose({ file: composePath, project, environment });
  const engine = createDockerEngine(docker, runDir.marker);
  return (seed) =>
    createDockerWorld(
      {
        plan,
        seed,
        root,
        image: environment["LAB_IMAGE"] ?? DEFAULT_IMAGE,
        user,
        grafana: environment["LBLAB_GRAFANA"] !== "off",
        composePath,
      },
      { clock, runDir, engine, compose, metrics: metricsText, onProgress },
    );
}
