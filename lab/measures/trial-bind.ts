import type { MeasureActions } from "./measure.ts";
import { defineMeasure } from "./kind.ts";
import { ALLOW } from "./rulings.ts";

export const trialBind = defineMeasure({
  name: "trial-bind",
  does: "binds every listener before a configuration is taken; switched on, it also asks who holds a package's ports before its units start",
  askedFor: [],
  hooks: "before a configuration is taken: the balancer's own; before a package is installed",
  trap: "a check of the text alone, as haproxy -c, passes what cannot be bound",
  parameters: {},
  without: () => ({}),
  zeroWithout: "no configuration that was pushed changes a listener: it had nothing to bind",
  create: () => ({
    measure: {
      name: "trial-bind",
      begin: (actions) => ({
        async before({ ports = [] }) {
          const taken = await portsTaken(ports, actions);
          return taken.length === 0 ? ALLOW : { ruling: "refuse", message: taken.join("; ") };
        },
      }),
    },
  }),
});

/** Which of the ports somebody holds already, and who. */
export async function portsTaken(
  ports: readonly number[],
  { sight }: Pick<MeasureActions, "sight">,
): Promise<readonly string[]> {
  if (ports.length === 0) return [];
  return (await sight.ports())
    .filter(({ port, unit, pid }) => ports.includes(port) && (unit ?? pid) !== undefined)
    .map(({ port, unit, program }) => `port ${port} is held by ${unit ?? program ?? "another program"}`);
}
