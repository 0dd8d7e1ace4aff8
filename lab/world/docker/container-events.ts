import type { Readable } from "node:stream";
import type { Cancel } from "../../../runtime/clock.ts";
import { lineSplitter } from "./container-stream.ts";
import type { DockerClient } from "./docker-client.ts";
import { UNIT_LABEL } from "./run-mark.ts";

/** The container events that are watched, as the engine names them. */
const EVENTS = ["start", "die", "destroy", "pause", "unpause"] as const;

export interface ContainerEvent {
  readonly unit: string;
  readonly id: string;
  readonly what: (typeof EVENTS)[number];
}

export interface EngineWatch {
  readonly ended: Promise<void>;
  readonly cancel: Cancel;
}

/** Reports what happens to the containers with a label, `name=value`. */
export async function watchContainers(
  docker: Pick<DockerClient, "getEvents">,
  label: string,
  run: (event: ContainerEvent) => void,
): Promise<EngineWatch> {
  const stream = (await docker.getEvents({
    filters: { type: ["container"], label: [label], event: [...EVENTS] },
  })) as Readable;
  const lines = lineSplitter((line) => {
    const event = eventIn(line);
    if (event) run(event);
  });
  stream.on("data", lines.take);
  const ended = new Promise<void>((resolve) => {
    for (const end of ["end", "close", "error"]) stream.once(end, () => resolve());
  });
  return { ended, cancel: () => void stream.destroy() };
}

function eventIn(line: string): ContainerEvent | undefined {
  if (line.trim() === "") return undefined;
  const { Action: what, Actor: actor } = JSON.parse(line) as {
    readonly Action: string;
    readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
  };
  const heard = EVENTS.find((event) => event === what);
  if (heard === undefined) return undefined;
  return { unit: actor.Attributes[UNIT_LABEL] ?? "", id: actor.ID, what: heard };
}
