import type { Host } from "../host.ts";
import type { Launch } from "../launch.ts";
import { createMachine } from "../machine.ts";
import { MACHINE_GRACE_MS } from "../timings.ts";
import type { Network } from "./network.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** A modelled machine: the live one's units, restart policies and boot order over processes in memory. */
export function createSimulatedHost(
  ports: readonly number[],
  {
    time,
    launch,
    network,
  }: { readonly time: VirtualTime; readonly launch: Launch; readonly network: Network },
): Host {
  const machine = createMachine({ clock: time.clock("promises"), launch });
  return {
    ...machine,
    async ports() {
      return ports.map((port) => {
        const unit = network.holder(port);
        const pid = unit === undefined ? undefined : machine.unit(unit)?.view.pid;
        // A unit's process has its unit's name.
        return { port, pid, program: unit, unit };
      });
    },
    dispose: () => machine.retire(MACHINE_GRACE_MS),
  };
}
