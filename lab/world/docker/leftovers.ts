import type Docker from "dockerode";
import { UNIT_LABEL } from "./run-mark.ts";

type Client = Pick<Docker, "getContainer" | "getNetwork" | "listContainers" | "listNetworks">;

/** The engine's statuses for what is gone, or whose removal is under way: both are fine. */
const GONE: ReadonlySet<unknown> = new Set([404, 409]);

/**
 * Removes the containers and networks with this label (`key=value`), each by its full id, and reports each unit. Returns how
 * many containers there were.
 */
export async function removeLabelled(
  docker: Client,
  label: string,
  onFound: (unit: string) => void = () => {},
): Promise<number> {
  const filters = { label: [label] };
  const containers = await docker.listContainers({ all: true, filters });
  await Promise.all(
    containers.map(({ Id: id, Labels: labels }) => {
      onFound(labels[UNIT_LABEL] ?? id);
      return unlessGone(docker.getContainer(id).remove({ force: true, v: true }));
    }),
  );
  // A network can only be removed when it is empty.
  for (const { Id: id } of await docker.listNetworks({ filters }))
    await unlessGone(docker.getNetwork(id).remove());
  return containers.length;
}

async function unlessGone(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!GONE.has((error as { statusCode?: unknown }).statusCode)) throw error;
  }
}
