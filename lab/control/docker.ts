import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Cancel, Clock } from "../../runtime/clock.ts";
import { findCompose } from "../world/docker/compose-command.ts";
import { connectDocker } from "../world/docker/connect.ts";
import { pinnedTo } from "../world/docker/endpoint.ts";
import { createDockerEngine } from "../world/docker/engine.ts";
import { startJanitor } from "../world/docker/janitor/janitor.ts";
import { labImage } from "../world/docker/lab-image.ts";
import { removeLabelled } from "../world/docker/leftovers.ts";
import { wantsGrafana } from "../world/docker/observer-images.ts";
import { observerPorts } from "../world/docker/observer-ports.ts";
import { HOME_LABEL, RUN_LABEL } from "../world/docker/run-mark.ts";
import { createDockerWorld } from "../world/docker/world.ts";
import { allPorts, portPlan, type PortPlan } from "../world/ports.ts";
import { assertPortsFree } from "../world/taken-ports.ts";
import { claimRunDir, runRoot, type RunDir } from "../world/run/run-dir.ts";
import type { World } from "../world/world.ts";
import { labMetrics } from "./metrics.ts";
import { exposition } from "../../runtime/metrics/exposition.ts";

/** What a lab in containers takes from its environment. */
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
  readonly onProgress: (line: string) => void;
  /** Calls back when this process goes on after it was stopped by a signal (SIGCONT). */
  readonly onContinued: (run: () => void) => Cancel;
}

/** Makes a world with this seed; `onBroken` gets the reason when a drill can no longer be judged in it. */
export type MakeDockerWorld = (seed: number, onBroken: (reason: string) => void) => World;

type Environment = DockerLabConfig["environment"];

/** A file in a run's directory for as long as there may be containers of it. */
const composePathOf = (root: string): string => join(root, "compose.yml");

/** Finds an engine and Compose, clears away what an abandoned run of ours left, and returns how to make worlds. */
export async function prepareDocker(
  { root, environment, user }: DockerLabConfig,
  { clock, plan, runDir, onProgress, onContinued }: DockerLabDeps,
): Promise<MakeDockerWorld> {
  const { docker, endpoint } = await connectDocker(environment);
  await removeLabelled(docker, `${HOME_LABEL}=${runDir.paths.root}`, (unit) =>
    onProgress(`removing ${unit}, left by an earlier lab`),
  );
  const { alertmanager, grafana } = observerPorts(plan);
  await assertPortsFree([alertmanager, grafana]);
  const composePath = composePathOf(runDir.paths.root);
  const project = `lblab-${plan.listener}-${runDir.marker.slice(0, 8).toLowerCase()}`;
  const pinned = pinnedTo(endpoint, environment);
  const compose = await findCompose({ file: composePath, project, environment: pinned });
  const engine = createDockerEngine(docker, { run: runDir.marker, home: runDir.paths.root });
  return (seed, onBroken) =>
    createDockerWorld(
      {
        plan,
        seed,
        root,
        image: environment["LAB_IMAGE"] || labImage(root),
        user,
        grafana: wantsGrafana(environment),
        composePath,
      },
      {
        clock,
        runDir,
        engine,
        compose,
        startJanitor: () =>
          startJanitor({
            root,
            endpoint,
            label: `${RUN_LABEL}=${runDir.marker}`,
            environment: pinned,
          }),
        metrics: (sight) => exposition(labMetrics(sight)),
        onProgress,
        onContinued,
        onBroken,
      },
    );
}

/** Whether a lab on this base port has containers, or had some when it died. */
export const mayHaveContainers = (home: string, base: number): boolean =>
  existsSync(composePathOf(runRoot(home, base)));

/**
 * Removes the containers of a lab that died. Throws LAB_RUNNING when there is one, ENVIRONMENT when no engine answers.
 */
export async function clearContainers(
  { home, base, environment }: { home: string; base: number; environment: Environment },
  { clock, onProgress }: Pick<DockerLabDeps, "clock" | "onProgress">,
): Promise<void> {
  const plan = portPlan(base);
  const runDir = await claimRunDir({ home, base, ports: allPorts(plan), pid: process.pid }, { clock });
  try {
    const { root } = runDir.paths;
    const { docker } = await connectDocker(environment);
    await removeLabelled(docker, `${HOME_LABEL}=${root}`, (unit) => onProgress(`removing ${unit}`));
    rmSync(composePathOf(root), { force: true });
  } finally {
    runDir.release();
  }
}
