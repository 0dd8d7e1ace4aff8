import { CodedError } from "../../runtime/errors.ts";
import type { Stage } from "../../scenarios/scenario.ts";
import type { Host, Unit } from "./host.ts";
import { configText } from "../../scenarios/shop.ts";
import { relocate } from "./relocate.ts";
import { packageDefinition } from "./topology.ts";
import type { ActionResult } from "./action-result.ts";
import type { Actions, ActionParts } from "./actions.ts";

/** What scenarios may do to a lab, in every world. Each call writes the change log and returns its own undo. */
export function createStage(parts: ActionParts, actions: Pick<Actions, "applyYaml">): Stage {
  return { ...configChanges(parts, actions), ...packageChanges(parts), ...unitChanges(parts) };
}

function configChanges(
  { store, changes, offset, placed }: ActionParts,
  { applyYaml }: Pick<Actions, "applyYaml">,
): Pick<Stage, "pushConfig"> {
  return {
    async pushConfig({ by, summary }, config) {
      const before = store.read();
      const yaml = configText(placed(relocate(config, offset)));
      const applied = await applyYaml(yaml, by, summary);
      if (!applied.ok) throw new CodedError("DRILL_REFUSED", `the change was not taken: ${applied.message}`);
      const detail = `version ${before.version} to ${store.read().version}`;
      const back = () => applyYaml(before.yaml, by, `back to version ${before.version}`);
      changes.add({ kind: "config", by, summary, subjects: ["balancer"], detail }, back);
      return async () => {
        if (store.read().yaml !== before.yaml) await back();
      };
    },
  };
}

function packageChanges({ host, changes, offset, seed }: ActionParts): Pick<Stage, "installPackage"> {
  return {
    async installPackage({ by, summary }, spec) {
      const definition = packageDefinition(relocate(spec, offset), seed);
      // As an install script does it: what the new unit is ordered before goes down, and comes up after it.
      spec.before.forEach((name) => unitNamed(host, name).stop());
      await host.settled(spec.before);
      const { ok, message } = host.install(definition);
      if (!ok) throw new CodedError("DRILL_REFUSED", message);
      await host.settled(definition.units.map(({ name }) => name));
      spec.before.forEach((name) => unitNamed(host, name).start());
      await host.settled(spec.before);
      changes.add(
        {
          kind: "package",
          by,
          summary,
          subjects: [spec.name, ...definition.units.map(({ name }) => name)],
          detail: `installed ${spec.name} ${spec.version}, built for ${spec.environment}`,
        },
        () => host.uninstall(spec.name),
      );
      return async () => void (await host.uninstall(spec.name));
    },
  };
}

function unitChanges({ host, changes }: ActionParts): Pick<Stage, "deploy" | "tune" | "restart" | "retire"> {
  return {
    async deploy({ by, summary }, name, version) {
      const before = unitNamed(host, name).config["version"];
      const { revert, undo } = await configured(host, name, { version });
      const detail = `${name} ${typeof before === "string" ? before : "unknown"} to ${version}`;
      changes.add({ kind: "deploy", by, summary, subjects: [name], detail }, revert);
      return undo;
    },
    async tune({ by, summary }, name, set) {
      const { revert, undo } = await configured(host, name, set);
      changes.add({ kind: "tune", by, summary, subjects: [name], detail: name }, revert);
      return undo;
    },
    async restart({ by, summary }, names) {
      names.forEach((name) => unitNamed(host, name).restart());
      await host.settled(names);
      changes.add({ kind: "restart", by, summary, subjects: names, detail: names.join(", ") }, async () => ({
        ok: false,
        message: "a restart cannot be taken back",
      }));
      return async () => {};
    },
    async retire({ by, summary }, names) {
      const units = names.map((name) => unitNamed(host, name));
      for (const unit of units) {
        unit.disable();
        unit.stop();
      }
      await host.settled(names);
      changes.add({ kind: "retire", by, summary, subjects: names, detail: names.join(", ") }, async () => ({
        ok: false,
        message: "what was given back cannot be taken back here",
      }));
      return async () => {
        for (const unit of units) {
          unit.enable();
          unit.start();
        }
        await host.settled(names);
      };
    },
  };
}

function unitNamed(host: Host, name: string): Unit {
  const unit = host.unit(name);
  if (!unit)
    throw new CodedError("DRILL_REFUSED", `the scenario names a unit ${name} that its topology lacks`);
  return unit;
}

/** Sets, restarts and waits; the undo sets back and restarts. */
async function configured(host: Host, name: string, set: Readonly<Record<string, string>>) {
  const unit = unitNamed(host, name);
  const { ok, message, previous = {} } = unit.configure(set);
  if (!ok) throw new CodedError("DRILL_REFUSED", `${name}: ${message}`);
  unit.restart();
  await host.settled([name]);
  const revert = async (): Promise<ActionResult> => {
    const back = host.unit(name)?.configure(previous);
    host.unit(name)?.restart();
    await host.settled([name]);
    return { ok: back?.ok ?? false, message: `${name} is back on ${JSON.stringify(previous)}` };
  };
  // The restore waits for all units at once.
  const undo = async (): Promise<void> => {
    host.unit(name)?.configure(previous);
    host.unit(name)?.restart();
  };
  return { revert, undo };
}
