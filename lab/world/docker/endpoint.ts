import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CodedError } from "../../../runtime/errors.ts";

export type DockerEnvironment = Readonly<Record<string, string | undefined>>;

/** Where a Docker engine is reached. The lab and Compose use the same one, however it was configured. */
export interface DockerEndpoint {
  /** `unix:///path`, `tcp://host:port` or `ssh://user@host`. */
  readonly host: string;
  /** Directory with ca.pem, cert.pem and key.pem. */
  readonly certPath?: string | undefined;
  /** The setting that named it, for messages. */
  readonly namedBy: string;
}

const DEFAULT_CONTEXT = "default";
export const SYSTEM_SOCKET = "/var/run/docker.sock";

/**
 * The engines to be tried, in order, as Docker's own command line chooses: DOCKER_HOST, then DOCKER_CONTEXT, then the
 * configuration's current context. Where none of them names one: the system's socket, then those of rootless engines and
 * of Docker Desktop. Throws CodedError ENVIRONMENT when a context is named that does not exist.
 */
export function dockerEndpoints(
  environment: DockerEnvironment,
  systemSocket = SYSTEM_SOCKET,
): readonly DockerEndpoint[] {
  const host = environment["DOCKER_HOST"];
  if (host !== undefined && host !== "") {
    const certPath = environment["DOCKER_TLS_VERIFY"] ? certPathOf(environment) : undefined;
    return [{ host, ...(certPath === undefined ? {} : { certPath }), namedBy: "DOCKER_HOST" }];
  }
  const config = environment["DOCKER_CONFIG"] || join(environment["HOME"] ?? "/", ".docker");
  const context = environment["DOCKER_CONTEXT"] || currentContext(config);
  if (context !== undefined && context !== DEFAULT_CONTEXT) return [endpointOf(context, config)];
  const runtime = environment["XDG_RUNTIME_DIR"];
  const home = environment["HOME"];
  const others = [
    ...(runtime ? [join(runtime, "docker.sock")] : []),
    ...(home ? [join(home, ".docker/run/docker.sock"), join(home, ".docker/desktop/docker.sock")] : []),
  ].filter((path) => existsSync(path));
  return [systemSocket, ...others].map((path) => ({ host: `unix://${path}`, namedBy: "this machine" }));
}

/** The environment in which Docker's programs use this engine and no other. */
export const pinnedTo = (
  { host, certPath }: DockerEndpoint,
  environment: DockerEnvironment,
): DockerEnvironment => ({
  ...environment,
  DOCKER_HOST: host,
  DOCKER_CONTEXT: undefined,
  ...(certPath === undefined ? {} : { DOCKER_CERT_PATH: certPath, DOCKER_TLS_VERIFY: "1" }),
});

const certPathOf = (environment: DockerEnvironment): string =>
  environment["DOCKER_CERT_PATH"] || join(environment["HOME"] ?? "/", ".docker");

function currentContext(config: string): string | undefined {
  const { currentContext: name } = (jsonAt(join(config, "config.json")) ?? {}) as {
    currentContext?: unknown;
  };
  return typeof name === "string" && name !== "" ? name : undefined;
}

/** Docker keeps a context in a directory named by the digest of the context's name. */
function endpointOf(context: string, config: string): DockerEndpoint {
  const digest = createHash("sha256").update(context).digest("hex");
  const meta = jsonAt(join(config, "contexts/meta", digest, "meta.json")) as
    | { readonly Endpoints?: { readonly docker?: { readonly Host?: unknown } } }
    | undefined;
  const host = meta?.Endpoints?.docker?.Host;
  if (typeof host !== "string" || host === "")
    throw new CodedError("ENVIRONMENT", `Docker's context "${context}" names no engine`, {
      hint: "docker context ls lists those that there are, docker context use default goes back to this machine's",
    });
  const certPath = join(config, "contexts/tls", digest, "docker");
  return { host, ...(existsSync(certPath) ? { certPath } : {}), namedBy: `the context "${context}"` };
}

/** Undefined when it cannot be read: Docker's own command line ignores it then, too. */
function jsonAt(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as unknown;
  } catch {
    return undefined;
  }
}
