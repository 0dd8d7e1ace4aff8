import { readFileSync } from "node:fs";
import { join } from "node:path";
import Docker from "dockerode";
import { CodedError, messageOf, systemCode } from "../../../runtime/errors.ts";
import { dockerEndpoints, SYSTEM_SOCKET, type DockerEndpoint, type DockerEnvironment } from "./endpoint.ts";

/** An engine that answers, and where it is. */
export interface ConnectedDocker {
  readonly docker: Docker;
  readonly endpoint: DockerEndpoint;
}

const HINT = "install and start Docker, or leave --world docker away: the lab needs no containers";
/** Allows an engine on another machine. */
const REMOTE_VARIABLE = "LBLAB_DOCKER_REMOTE";

/** Throws CodedError ENVIRONMENT when no engine answers, or when the configured one is on another machine. */
export async function connectDocker(
  environment: DockerEnvironment,
  systemSocket = SYSTEM_SOCKET,
): Promise<ConnectedDocker> {
  const failures: unknown[] = [];
  for (const endpoint of dockerEndpoints(environment, systemSocket)) {
    if (!endpoint.host.startsWith("unix://") && environment[REMOTE_VARIABLE] !== "1")
      throw new CodedError(
        "ENVIRONMENT",
        `${endpoint.namedBy} names ${endpoint.host}, an engine on another machine`,
        { hint: `the lab would publish its ports there; ${REMOTE_VARIABLE}=1 allows it` },
      );
    try {
      const docker = connectTo(endpoint);
      await docker.ping();
      return { docker, endpoint };
    } catch (error) {
      if (error instanceof CodedError) throw error;
      failures.push(error);
    }
  }
  const denied = failures.find((error) => systemCode(error) === "EACCES");
  throw new CodedError("ENVIRONMENT", reasonOf(denied ?? failures[0]), {
    hint: HINT,
    cause: denied ?? failures[0],
  });
}

function reasonOf(error: unknown): string {
  const code = systemCode(error);
  if (code === "EACCES") return "this user may not speak to the Docker engine (is it in the group docker?)";
  if (code === "ENOENT" || code === "ECONNREFUSED") return "no Docker engine runs here";
  return `the Docker engine does not answer: ${messageOf(error)}`;
}

const SPOKEN: ReadonlySet<string> = new Set(["tcp:", "http:", "https:"]);

/** A client for this engine, whether or not it answers. */
export function connectTo({ host, certPath }: DockerEndpoint): Docker {
  if (host.startsWith("unix://")) return new Docker({ socketPath: host.slice("unix://".length) });
  const { protocol, hostname, port } = new URL(host);
  if (!SPOKEN.has(protocol))
    throw new CodedError("ENVIRONMENT", `${host}: the lab speaks to engines by unix:// and tcp:// only`);
  if (certPath === undefined) return new Docker({ protocol: "http", host: hostname, port: port || 2375 });
  const pem = (name: string): Buffer => readFileSync(join(certPath, `${name}.pem`));
  return new Docker({
    protocol: "https",
    host: hostname,
    port: port || 2376,
    ca: pem("ca"),
    cert: pem("cert"),
    key: pem("key"),
  });
}
