import { assembleBalancer } from "../../../../lb/assemble.ts";
import type { ConfigMedium } from "../../../../lb/config/medium.ts";
import { createConfigStore } from "../../../../lb/config/store.ts";
import { balancerUnitConfig, runBalancer } from "../../../../lb/run.ts";
import type { AccessLines } from "../access-lines.ts";
import type { Admins } from "../admins.ts";
import { createSimulatedListeners } from "../listeners.ts";
import type { Program } from "../process.ts";
import { createSimulatedTransport } from "../transport.ts";
import type { Hashing } from "../../../../runtime/hashing.ts";

export interface BalancerProgramDeps {
  readonly medium: ConfigMedium;
  readonly hashing: Hashing;
  readonly accessLines: AccessLines;
  readonly admins: Admins;
}

/** The balancer: all of the live one's decisions, on modelled edges. */
export const balancerProgram =
  ({ medium, hashing, accessLines, admins }: BalancerProgramDeps): Program =>
  async ({ unit, network, promises, log }) => {
    const config = balancerUnitConfig.parse(unit.config);
    const { clock } = unit;
    await runBalancer({ ...unit, config }, (random) =>
      assembleBalancer(
        {
          store: createConfigStore(medium, { clock, hashing }),
          // Engines differ in what they cost, and nothing here costs anything.
          createTransport: () => ({ ...createSimulatedTransport(network, clock), use() {} }),
          createListeners: ({ balancer }) => createSimulatedListeners({ balancer, network, promises }),
          openAccessLog: (wanted) => accessLines.open(wanted),
          createAdmin: ({ port }, deps) => admins.create(port, deps, network),
        },
        { clock, random, log, signWay: unit.keys.way },
      ),
    );
  };
