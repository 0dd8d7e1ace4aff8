import { createLocalTrainee } from "../trainee/local-trainee.ts";
import type { DrillTerms } from "../trainee/drill-terms.ts";
import type { Actor } from "../trainee/actor.ts";
import { usersOfDrill } from "../trainee/status.ts";
import type { Trainee } from "../trainee/trainee.ts";
import type { Drill } from "../drill/drill.ts";
import type { SimulatedWorld } from "../world/simulated/world.ts";

export interface InProcessConfig {
  readonly signal: AbortSignal;
  readonly actor: Actor;
  /** Absent: the drill has no texts, as a responder needs none. */
  readonly terms?: DrillTerms | undefined;
  /** Gets the subject of each look. Default: the drill records every one, since a responder looks at nothing by the way. */
  readonly looked?: (subject: string) => void;
}

/** The trainee's interface over a simulated world. */
export const createInProcessTrainee = (
  world: SimulatedWorld,
  drill: Drill,
  { signal, actor, terms, looked = (subject) => drill.looked(subject) }: InProcessConfig,
): Trainee =>
  createLocalTrainee(
    {
      listener: world.listener,
      world: () => world,
      drill: () => drill,
      terms: () => terms,
      users: () => usersOfDrill(drill),
      visit: world.visit,
      looked,
    },
    { signal, actor },
  );
