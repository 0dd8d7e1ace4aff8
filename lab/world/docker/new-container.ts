import type Docker from "dockerode";
import { LIMITS, UNITS_DIR } from "./compose-file.ts";
import { HOST_SERVICE } from "./containerised.ts";
import { runLabels, type RunMark } from "./run-mark.ts";

export interface NewContainer {
  readonly unit: string;
  readonly image: string;
  readonly command: readonly string[];
  /** Full id of the machine's container, whose network it shares and after which it is named. */
  readonly machine: string;
  readonly unitsDir: string;
  readonly user: string;
}

const SECOND_NS = 1e9;
const HEALTHCHECK = {
  Test: ["CMD", "node", "-e", "0"],
  Interval: 10 * SECOND_NS,
  Timeout: 5 * SECOND_NS,
  StartPeriod: 20 * SECOND_NS,
  Retries: 3,
};

/** What the engine makes a container of, for a unit on the machine that was inspected. */
export function containerOptions(
  { unit, image, command, machine, unitsDir, user }: NewContainer,
  { Name: name, Config: config }: Pick<Docker.ContainerInspectInfo, "Name" | "Config">,
  mark: RunMark,
): Docker.ContainerCreateOptions {
  return {
    name: asCalledByCompose(name, unit),
    Image: image,
    Cmd: [...command],
    User: user,
    Env: ["LBLAB_MESSAGES=stdout"],
    OpenStdin: true,
    // As Compose's own have them, so that a list of containers shows no difference.
    Healthcheck: HEALTHCHECK,
    Labels: { ...composeLabels(config.Labels, unit), ...runLabels(mark, unit) },
    HostConfig: {
      NetworkMode: `container:${machine}`,
      LogConfig: { Type: "json-file", Config: { "max-size": "5m", "max-file": "2" } },
      Tmpfs: { "/tmp": "" },
      Binds: [`${unitsDir}:${UNITS_DIR}:ro`],
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges:true"],
      Memory: LIMITS.memoryBytes,
      NanoCpus: LIMITS.cpus * 1e9,
      PidsLimit: LIMITS.pids,
      RestartPolicy: { Name: "no" },
    },
  };
}

/**
 * A name like those that Compose gave the others, whichever its version: in a list of containers, one that a package brought
 * looks like those that were there before.
 */
const asCalledByCompose = (machine: string, unit: string): string =>
  machine.replace(/^\//, "").replace(new RegExp(`${HOST_SERVICE}(?=[-_]\\d+$)`), unit);

const PROJECT_LABELS = ["project", "project.config_files", "project.working_dir", "version", "oneoff"];

/** The labels that Compose would have set, so that it is listed with the others. */
function composeLabels(labels: Readonly<Record<string, string>>, unit: string): Record<string, string> {
  const prefix = "com.docker.compose";
  const copied = PROJECT_LABELS.flatMap((name) => {
    const value = labels[`${prefix}.${name}`];
    return value === undefined ? [] : [[`${prefix}.${name}`, value] as const];
  });
  if (copied.length === 0) return {};
  return {
    ...Object.fromEntries(copied),
    [`${prefix}.service`]: unit,
    [`${prefix}.container-number`]: "1",
  };
}
