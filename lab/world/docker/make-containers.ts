import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CodedError, messageOf } from "../../../runtime/errors.ts";
import type { Topology } from "../../../scenarios/scenario.ts";
import type { PortPlan } from "../ports.ts";
import type { RunDir } from "../run/run-dir.ts";
import type { ComposeCommand } from "./compose-command.ts";
import { HOST_SERVICE } from "./containerised.ts";
import { PAGERS } from "./container-watch.ts";
import type { DockerEngine } from "./engine.ts";
import type { Janitor } from "./janitor/janitor.ts";
import type { ContainerIds } from "./launcher.ts";
import type { DockerPaths } from "./paths.ts";
import { writeStack } from "./stack.ts";

export interface StackConfig {
  readonly plan: PortPlan;
  /** The checkout, with its Dockerfile and `dashboards/`. */
  readonly root: string;
  /** Image of the lab's programs; it is built when it is missing. */
  readonly image: string;
  readonly user: string;
  /** Whether Grafana is started, too. */
  readonly grafana: boolean;
  readonly composePath: string;
}

export interface MakeContainersDeps {
  readonly runDir: RunDir;
  readonly paths: DockerPaths;
  readonly engine: DockerEngine;
  readonly compose: ComposeCommand;
  /** Filled with the containers that were made. */
  readonly ids: ContainerIds;
  /** Starts with the first container. */
  readonly startJanitor: () => Janitor;
  readonly onProgress: (line: string) => void;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
}

/** Makes the containers of a topology, of which the machine's runs. Throws ENVIRONMENT when one is missing. */
export async function makeContainers(
  topology: Topology,
  config: StackConfig,
  deps: MakeContainersDeps,
): Promise<void> {
  const { engine, ids, onProgress } = deps;
  writeFiles(topology, config, deps);
  const services = [
    HOST_SERVICE,
    "balancer",
    "probe",
    "load",
    "relay",
    ...topology.backends.map(({ name }) => name),
  ];
  onProgress("making containers ...");
  await composeUp(services, config, deps);
  for (const { id, unit } of await engine.containers()) ids.set(unit, id);
  for (const name of [...services, ...PAGERS])
    if (!ids.has(name)) throw new CodedError("ENVIRONMENT", `Compose made no container for ${name}`);
}

/** The Compose file, what the containers read, and the balancer's token. */
function writeFiles(
  topology: Topology,
  { root, image, plan, user, composePath }: StackConfig,
  { runDir, paths: { files, state, token } }: MakeContainersDeps,
): void {
  writeStack(
    topology,
    {
      files,
      dashboards: join(root, "dashboards"),
      context: root,
      image,
      plan,
      mark: { run: runDir.marker, home: runDir.paths.root },
      user,
      supervised: true,
    },
    { files, composePath },
  );
  mkdirSync(state, { recursive: true });
  writeFileSync(token, runDir.token, { mode: 0o600 });
  chmodSync(token, 0o600);
}

async function composeUp(
  services: readonly string[],
  { grafana }: StackConfig,
  { compose, startJanitor, onProgress, signal }: MakeContainersDeps,
): Promise<void> {
  const janitor = startJanitor();
  const options = {
    line: onProgress,
    signal,
    onGroup: (group: number | undefined) =>
      group === undefined ? janitor.composeEnded() : janitor.composeStarted(group),
  };
  // A container that shares the machine's network copies its resolver when it is made: the machine has to run by then.
  await compose.run(["up", "--detach", HOST_SERVICE], options);
  await compose.run(["up", "--no-start", ...services, ...PAGERS], options);
  // Grafana pages nobody: without its image the lab goes on.
  if (grafana)
    await compose.run(["up", "--no-start", "grafana"], options).catch((error: unknown) => {
      signal.throwIfAborted();
      onProgress(`without Grafana: ${messageOf(error)}`);
    });
}
