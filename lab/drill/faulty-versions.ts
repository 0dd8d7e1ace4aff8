import type { World } from "../world/world.ts";
import { hashOfText } from "../../runtime/line-hash.ts";
import { configText } from "./perform.ts";

/** Hashes of the texts that the change made the balancer's configuration: rolling back to one of them repairs nothing. */
export async function faultyVersions(
  world: Pick<World, "sight">,
  before: string | undefined,
): Promise<ReadonlySet<string>> {
  const now = await configText(world);
  if (before === undefined || now === undefined || now === before) return new Set();
  const good = hashOfText(before);
  const history = await world.sight.configHistory();
  const texts = await Promise.all(history.map(({ version }) => world.sight.config(version)));
  const since = texts.findLastIndex(({ yaml }) => hashOfText(yaml) === good);
  return new Set(
    texts
      .slice(since + 1)
      .map(({ yaml }) => hashOfText(yaml))
      .filter((hash) => hash !== good),
  );
}
