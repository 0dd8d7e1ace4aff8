import { createServer } from "node:net";
import { CodedError, messageOf, systemCode } from "../../runtime/errors.ts";
import { portHolder } from "../../runtime/port-holder.ts";
import { HOST } from "./ports.ts";

export interface TakenPort {
  readonly port: number;
  /** The system's code: EADDRINUSE, EACCES. */
  readonly code: string;
  /** Its holder, or why it cannot be bound, as text. */
  readonly detail: string;
}

/** Those of the ports that cannot be listened on now, found by binding them. */
export async function takenPorts(ports: readonly number[]): Promise<readonly TakenPort[]> {
  const found = await Promise.all(ports.map((port) => tryPort(port)));
  return found.filter((one) => one !== undefined);
}

/** Throws CodedError PORT_IN_USE that names every port in the way, its holder, and the flag that moves us. */
export async function assertPortsFree(ports: readonly number[]): Promise<void> {
  const taken = await takenPorts(ports);
  if (taken.length === 0) return;
  throw new CodedError("PORT_IN_USE", taken.map((one) => `port ${one.port} ${one.detail}`).join("; "), {
    hint: "free what is in the way, or move the whole lab with --port-base N",
  });
}

async function tryPort(port: number): Promise<TakenPort | undefined> {
  const error = await bindError(port);
  if (error === undefined) return undefined;
  const code = systemCode(error) ?? "";
  if (code !== "EADDRINUSE") return { port, code, detail: `cannot be listened on: ${messageOf(error)}` };
  const holder = await portHolder(port);
  const who = holder
    ? `${holder.name} (pid ${holder.pid}: ${holder.command})`
    : "a process we may not look at";
  return { port, code, detail: `is in use by ${who}` };
}

function bindError(port: number): Promise<unknown> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", resolve);
    server.listen({ port, host: HOST, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
