import { CodedError } from "../../runtime/errors.ts";
import { statusOf, usersOfDrill } from "../control/status.ts";
import type { Drill } from "../drill/drill.ts";
import type { Trainee } from "../responders/trainee.ts";
import type { SimulatedWorld } from "../world/simulated/world.ts";

/** What the control API gives a trainee, in the same process: what is looked at is noted in the same way. */
export function createInProcessTrainee(world: SimulatedWorld, drill: Drill, signal: AbortSignal): Trainee {
  const { sight, monitoring, listener } = world;
  const looked = <T>(subject: string, look: () => T): T => {
    drill.looked(subject);
    return look();
  };
  return {
    status: () =>
      statusOf({ listener, world: () => world, drill: () => drill, users: () => usersOfDrill(drill) }),
    units: async () => looked("units", () => sight.units()),
    unitConfig: async (unit) => looked(unit, () => sight.unitConfig(unit)),
    logs: (unit, lines) => looked(unit, () => sight.logs(unit, lines)),
    config: (version) => looked("config", () => sight.config(version)),
    configHistory: () => looked("config", () => sight.configHistory()),
    changes: async () => looked("changes", () => sight.changes()),
    ports: () => looked("ports", () => sight.ports()),
    async metrics(unit) {
      const text = await looked(unit, () => sight.metrics(unit));
      if (text === undefined) throw new CodedError("NOT_FOUND", `${unit} gives no metrics now`);
      return text;
    },
    alerts: async () => looked("alerts", () => monitoring.alerts()),
    query: (request) => looked("metrics", () => monitoring.query(request)),
    visit: (path) => world.visit(path),
    act: (step) => drill.act(step),
    check: () => drill.check(signal),
    diagnose: async (diagnosis) => drill.diagnose(diagnosis),
    hint: async () => drill.hint(),
    end: async () => drill.end(),
  };
}
