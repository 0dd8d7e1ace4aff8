import type { Clock } from "../../runtime/clock.ts";
import { CodedError } from "../../runtime/errors.ts";
import type { Random } from "../../runtime/random.ts";
import { createSubscribers, type Subscribers } from "../../runtime/subscribers.ts";
import { boot } from "./boot.ts";
import type { Host, Unit, UnitEvent } from "./host.ts";
import type { Launch, UnitMessage } from "./launch.ts";
import { createPackages } from "./packages.ts";
import { createUnit } from "./unit/unit.ts";

/** What all hosts share: their units and packages. A world adds its ports. */
export interface Machine extends Omit<Host, "ports" | "dispose"> {
  /** Stops every unit for good, by SIGKILL after the grace; resolves when every process is gone. */
  retire(graceMs: number): Promise<void>;
}

/** A machine without units, in any world: `launch` makes the processes. */
export function createMachine({ clock, launch }: { clock: Clock; launch: Launch }): Machine {
  const units = new Map<string, Unit>();
  const events = createSubscribers<UnitEvent>();
  const messages = new Map<string, Subscribers<UnitMessage>>();
  let rebooting: Promise<void> | undefined;
  let retired = false;

  const set: Pick<Host, "unit" | "add" | "remove"> = {
    unit: (name) => units.get(name),
    add(definition) {
      if (units.has(definition.name))
        throw new CodedError("CONFIG_CONFLICT", `there is a unit ${definition.name} already`);
      const unit = createUnit(definition, {
        clock,
        launch,
        onEvent: events.emit,
        onMessage: (name, message) => messages.get(name)?.emit(message),
      });
      units.set(definition.name, unit);
      if (retired) unit.retire();
      return unit;
    },
    async remove(name) {
      const unit = units.get(name);
      if (!unit) return { ok: false, message: `there is no unit ${name}` };
      unit.retire();
      await settled([unit]);
      if (units.get(name) === unit) units.delete(name);
      return { ok: true, message: `removed ${name}` };
    },
  };

  return {
    ...set,
    ...createPackages(set),
    units: () => [...units.values()].map((unit) => unit.view),
    settled: (names) => settled([...units.values()].filter(({ name }) => names?.includes(name) ?? true)),
    reboot(random) {
      rebooting ??= restartAll(random).finally(() => (rebooting = undefined));
      return rebooting;
    },
    onEvent: events.add,
    onMessage(unit, run) {
      const all = messages.get(unit) ?? createSubscribers();
      messages.set(unit, all);
      return all.add(run);
    },
    async retire(graceMs) {
      retired = true;
      const all = [...units.values()];
      all.forEach((unit) => unit.retire(graceMs));
      await settled(all);
    },
  };

  async function restartAll(random: Random): Promise<void> {
    const mine = () => [...units.values()].filter((unit) => unit.definition.outside !== true);
    mine().forEach((unit) => unit.stop());
    await settled(mine());
    mine().forEach((unit) => unit.resetFailed());
    const enabled = mine().filter((unit) => unit.view.enabled);
    await new Promise<void>((resolve) => boot(enabled, random, resolve));
  }
}

async function settled(units: readonly Unit[]): Promise<void> {
  await Promise.all(units.map((unit) => new Promise<void>((resolve) => unit.onceSettled(resolve))));
}
