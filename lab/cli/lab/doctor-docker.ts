import { CodedError, messageOf } from "../../../runtime/errors.ts";
import { composeVersion } from "../../world/docker/compose-command.ts";
import { connectDocker, type ConnectedDocker } from "../../world/docker/connect.ts";
import { pinnedTo, type DockerEnvironment } from "../../world/docker/endpoint.ts";
import { IMAGE_REPOSITORY, labImage } from "../../world/docker/lab-image.ts";
import { imageIn, OBSERVERS, wantsGrafana } from "../../world/docker/observer-images.ts";
import { HOME_LABEL, RUN_LABEL } from "../../world/docker/run-mark.ts";
import { inspectRun } from "../../world/run/stale.ts";
import type { Check } from "./doctor-checks.ts";

export interface DockerCheckConfig {
  readonly environment: DockerEnvironment;
  /** The checkout. */
  readonly root: string;
  /** Whether the lab is to run in containers: what is missing for it blocks then. */
  readonly wanted: boolean;
}

/** Whether incidents can run in containers here: the engine, Compose, images, and what was left behind. */
export async function checkDocker({ environment, root, wanted }: DockerCheckConfig): Promise<Check> {
  const name = "docker";
  try {
    const connected = await connectDocker(environment);
    const compose = await composeVersion(pinnedTo(connected.endpoint, environment));
    return { name, ...(await describe(connected, compose, { environment, root, wanted })) };
  } catch (error) {
    const hint = error instanceof CodedError ? error.hint : undefined;
    const needed = wanted ? "" : "; only --world docker needs it";
    return {
      name,
      status: wanted ? "block" : "ok",
      detail: `${messageOf(error)}${needed}`,
      ...(wanted && hint !== undefined ? { hint } : {}),
    };
  }
}

async function describe(
  { docker, endpoint }: ConnectedDocker,
  compose: string,
  { environment, root }: DockerCheckConfig,
): Promise<Omit<Check, "name">> {
  const { Version: engine } = await docker.version();
  const present = new Set((await docker.listImages()).flatMap(({ RepoTags: tags }) => tags ?? []));
  const ours = environment["LAB_IMAGE"] || labImage(root);
  const missing = OBSERVERS.filter((one) => one !== "grafana" || wantsGrafana(environment))
    .map((one) => imageIn(one, environment))
    .filter((image) => !present.has(image));
  const older = [...present].filter((tag) => tag.startsWith(`${IMAGE_REPOSITORY}:`) && tag !== ours);
  const left = await abandoned(docker);
  const notes = [
    `engine ${engine} (${endpoint.host}, by ${endpoint.namedBy}), Compose ${compose}`,
    present.has(ours) ? "the lab's image is built" : "the first start builds the lab's image",
    ...(missing.length > 0 ? [`it has to fetch ${missing.join(", ")}`] : []),
    ...(older.length > 0 ? [`${older.length} images of other versions of the lab`] : []),
    ...(left > 0 ? [`${left} containers of labs that have ended`] : []),
  ];
  const hints = [
    ...(left > 0 ? ["npx lblab down removes the containers"] : []),
    ...(older.length > 0
      ? ["docker image prune --all --filter label=lblab.image removes the unused images"]
      : []),
  ];
  return {
    status: left > 0 ? "warn" : "ok",
    detail: notes.join("; "),
    ...(hints.length > 0 ? { hint: hints.join("; ") } : {}),
    values: { engine, compose, endpoint: endpoint.host, olderImages: older.length, abandoned: left },
  };
}

/** Containers whose lab does not run any more. */
async function abandoned(docker: ConnectedDocker["docker"]): Promise<number> {
  const found = await docker.listContainers({ all: true, filters: { label: [RUN_LABEL] } });
  return found.filter(({ Labels: labels }) => {
    const home = labels[HOME_LABEL];
    return home !== undefined && inspectRun(home).kind !== "running";
  }).length;
}
