import type { ConfigStore } from "../../lb/config/store.ts";
import type { Actions } from "./actions.ts";
import type { AdminClient } from "./admin-client.ts";
import type { Host } from "./host.ts";
import { upstreamStates } from "./upstream-states.ts";
import type { Snapshot, World } from "./world.ts";

export interface SnapshotParts {
  readonly host: Host;
  readonly store: ConfigStore;
  readonly admin: AdminClient;
  readonly actions: Pick<Actions, "applyYaml">;
}

/** What a reset puts back, and how, in every world. */
export function createSnapshots({
  host,
  store,
  admin,
  actions,
}: SnapshotParts): Pick<World, "snapshot" | "restore"> {
  const runtimeStates = async (): Promise<Record<string, string>> =>
    upstreamStates((await admin.pools()) ?? []);

  return {
    async snapshot(): Promise<Snapshot> {
      return {
        config: store.read().yaml,
        units: Object.fromEntries(
          host.units().map(({ name, state, enabled }) => {
            return [name, { state, enabled, config: host.unit(name)?.config }];
          }),
        ),
        upstreams: await runtimeStates(),
        packages: host.packages().map(({ name }) => name),
      };
    },
    async restore(snapshot) {
      for (const { name } of host.packages())
        if (!snapshot.packages.includes(name)) await host.uninstall(name);
      for (const { name } of host.units()) if (!(name in snapshot.units)) await host.remove(name);
      for (const [name, before] of Object.entries(snapshot.units)) {
        const unit = host.unit(name);
        if (!unit) continue;
        const changed = JSON.stringify(unit.config) !== JSON.stringify(before.config);
        if (changed) unit.configure(before.config as never);
        if (before.enabled) unit.enable();
        else unit.disable();
        // A unit that runs on other settings, or on unknown ones, is restarted.
        if (changed) unit.restart();
        else if (unit.view.state !== "active") unit.start();
      }
      const differs = JSON.stringify(await runtimeStates()) !== JSON.stringify(snapshot.upstreams);
      if (store.read().yaml !== snapshot.config || differs)
        await actions.applyYaml(snapshot.config, "lab", "reset");
      await host.settled();
    },
  };
}
