import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import Docker from "dockerode";
import { RUN_LABEL, UNIT_LABEL } from "../../lab/world/docker/run-mark.ts";
import { SCENARIOS } from "../../scenarios/index.ts";

/** Whether a Docker engine answers; with LBLAB_REQUIRE_DOCKER=1 a missing one is a failure and not a reason to skip. */
export async function hasDocker(): Promise<boolean> {
  try {
    await new Docker().ping();
    return true;
  } catch (error) {
    if (process.env["LBLAB_REQUIRE_DOCKER"] === "1")
      throw new Error("a Docker engine is needed and does not answer", { cause: error });
    return false;
  }
}

/** The environment of a lab in containers for images that no registry has. */
export const dockerEnvironment = (): NodeJS.ProcessEnv => {
  const names = [
    "HOME",
    "DOCKER_CONFIG",
    "DOCKER_HOST",
    "LAB_IMAGE",
    "BASE_IMAGE",
    "PROMETHEUS_IMAGE",
    "ALERTMANAGER_IMAGE",
  ];
  return {
    ...Object.fromEntries(names.map((name) => [name, process.env[name]])),
    // Its image cannot be made out of a package.
    LBLAB_GRAFANA: "off",
  };
};

/** Names of the containers, of any lab, whether they run or not. */
export async function labContainers(): Promise<readonly string[]> {
  const found = await new Docker().listContainers({ all: true, filters: { label: [RUN_LABEL] } });
  return found.map(({ Names: [name = ""] }) => name);
}

export async function labNetworks(): Promise<readonly string[]> {
  const found = await new Docker().listNetworks();
  return found.map(({ Name }) => Name).filter((name) => name.startsWith("lblab-"));
}

/** Which of the two Compose commands works here, and its arguments before the subcommand. */
export function composeProgram(): readonly [string, ...string[]] {
  try {
    execFileSync("docker", ["compose", "version"], { stdio: "ignore" });
    return ["docker", "compose"];
  } catch {
    return ["docker-compose"];
  }
}

/**
 * Which incidents are tried in containers, by alias: LBLAB_DOCKER_INCIDENTS is `all`, or aliases with commas between them.
 * Without it one of the five, another one each day; `+2` means that of the day after tomorrow.
 */
export function incidentsToTry(): readonly string[] {
  const aliases = SCENARIOS.map(({ alias }) => alias);
  const wanted = process.env["LBLAB_DOCKER_INCIDENTS"] || "+0";
  if (wanted === "all") return aliases;
  if (!wanted.startsWith("+")) return wanted.split(",");
  const day = Math.floor(Date.now() / 86_400_000) + Number(wanted);
  return [aliases[day % aliases.length] ?? ""];
}

/** The containers of a unit, of any lab. */
export async function unitContainers(unit: string): Promise<readonly Docker.Container[]> {
  const docker = new Docker();
  const found = await docker.listContainers({ all: true, filters: { label: [`${UNIT_LABEL}=${unit}`] } });
  return found.map(({ Id: id }) => docker.getContainer(id));
}

/** How many containers of these units run. */
export async function runningUnits(...units: readonly string[]): Promise<number> {
  const found = await new Docker().listContainers({ filters: { label: [RUN_LABEL] } });
  return found.filter(({ Labels: labels }) => units.includes(labels[UNIT_LABEL] ?? "")).length;
}

/** The processes that have this one as their parent. */
export function childrenOf(parent: number): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/status`, "utf8").includes(`\nPPid:\t${parent}\n`);
      } catch {
        return false; // gone meanwhile
      }
    })
    .map(Number);
}
