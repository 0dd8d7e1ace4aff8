import { execFileSync } from "node:child_process";
import Docker from "dockerode";
import { RUN_LABEL } from "../../lab/world/docker/compose-file.ts";

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

/** What a lab in containers has to be told of images that no registry has. */
export const dockerEnvironment = (): NodeJS.ProcessEnv => {
  const names = ["HOME", "DOCKER_HOST", "LAB_IMAGE", "BASE_IMAGE", "PROMETHEUS_IMAGE", "ALERTMANAGER_IMAGE"];
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
