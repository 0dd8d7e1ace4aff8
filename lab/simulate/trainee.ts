import { createLocalTrainee } from "../trainee/local-trainee.ts";
import type { Actor } from "../trainee/actor.ts";
import { usersOfDrill } from "../trainee/status.ts";
import type { Trainee } from "../trainee/trainee.ts";
import type { Drill } from "../drill/drill.ts";
import type { SimulatedWorld } from "../world/simulated/world.ts";

/** The trainee's interface over a simulated world; every look is recorded, since a responder looks at nothing by the way. */
export const createInProcessTrainee = (
  world: SimulatedWorld,
  drill: Drill,
  { signal, actor }: { readonly signal: AbortSignal; readonly actor: Actor },
): Trainee =>
  createLocalTrainee(
    {
      listener: world.listener,
      world: () => world,
      drill: () => drill,
      users: () => usersOfDrill(drill),
      visit: world.visit,
      looked: (subject) => drill.looked(subject),
    },
    { signal, actor },
  );
