import type { Action } from "../../scenarios/action.ts";
import type { Actor } from "../trainee/actor.ts";
import type { World } from "../world/world.ts";
import type { Performed } from "./act-queue.ts";
import type { Journal } from "./journal.ts";

/** Does an action in the world, and returns what it changed of the configuration: the text, and what differs. */
export async function perform(
  step: Action,
  by: Actor,
  { world, journal }: { readonly world: Pick<World, "act" | "sight">; readonly journal: Journal },
): Promise<Performed> {
  const before = await configText(world);
  const result = await world.act(step, by);
  const after = await configText(world);
  const isChanged = before !== undefined && after !== undefined && before !== after;
  return {
    result,
    more: {
      ...(step.do === "config apply" ? { text: journal.keepText(step.yaml) } : {}),
      ...(isChanged ? { config: journal.keepChange(before, after) } : {}),
    },
  };
}

/** The balancer's file as it is; undefined where it cannot be read. */
export async function configText({ sight }: Pick<World, "sight">): Promise<string | undefined> {
  try {
    return (await sight.config()).yaml;
  } catch {
    // Somebody removed it, or made it unreadable: there is nothing to compare with.
    return undefined;
  }
}
