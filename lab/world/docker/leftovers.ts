import type Docker from "dockerode";
import { HOME_LABEL, UNIT_LABEL } from "./compose-file.ts";

/**
 * Removes the containers and networks that runs in this directory have left, each by its full id, and tells of each unit.
 * For whoever holds the directory and has made nothing in it yet: all that carries its label is then of a run that died.
 */
export async function removeLeftovers(
  docker: Pick<Docker, "getContainer" | "getNetwork" | "listContainers" | "listNetworks">,
  home: string,
  onFound: (unit: string) => void,
): Promise<void> {
  const filters = { label: [`${HOME_LABEL}=${home}`] };
  const containers = await docker.listContainers({ all: true, filters });
  await Promise.all(
    containers.map(({ Id: id, Labels: labels }) => {
      onFound(labels[UNIT_LABEL] ?? id);
      return docker.getContainer(id).remove({ force: true, v: true });
    }),
  );
  // Whoever is in a network has to be gone before it can go.
  for (const { Id: id } of await docker.listNetworks({ filters })) await docker.getNetwork(id).remove();
}
