import { textNow } from "./act-change.ts";
import type { Action, UpstreamAction } from "../../scenarios/action.ts";
import type { ConfigInput } from "../../scenarios/scenario.ts";
import type { Host, Unit } from "./host.ts";
import { createConfigActs, type ConfigActs, type ConfigActsParts } from "./config-acts.ts";
import { notedActs } from "./noted-acts.ts";
import { refusalOf } from "./refusal.ts";
import type { Actor } from "../trainee/actor.ts";
import type { ActionResult } from "./action-result.ts";
import type { AdminClient } from "./admin-client.ts";
import type { ChangeLog } from "./change-log.ts";

export interface ActionParts extends ConfigActsParts {
  readonly changes: ChangeLog;
  /** By how much this lab's ports lie above the default ones. */
  readonly offset: number;
  readonly seed: number;
  /** A configuration as this world writes it. */
  readonly placed: (config: ConfigInput) => ConfigInput;
}

export interface Actions extends Pick<ConfigActs, "applyYaml" | "checkConfig"> {
  act(step: Action, by: Actor): Promise<ActionResult>;
}

/** The action table, the same in every world. */
export function createActions(parts: ActionParts): Actions {
  const { host, admin, store, changes } = parts;
  const config = createConfigActs(parts);
  const { applyYaml, checkConfig } = config;

  const act: Actions["act"] = async (step, by) => {
    const refusal = refusalOf(step, (name) => host.unit(name));
    if (refusal !== undefined) return { ok: false, message: refusal };
    switch (step.do) {
      case "config apply":
        return config.conflict(step.over) ?? config.apply(step, by);
      case "config promote":
      case "config abort":
        return config.endCanary(step, by);
      case "config propose":
      case "config approve":
      case "config reject":
      case "config freeze":
      case "config thaw":
        return config.guard(step, by);
      case "config rollback":
        return config.rollback(step.version, by);
      case "unit start":
        return onUnit(host, step.unit, (unit) => unit.start());
      case "unit stop":
        return onUnit(host, step.unit, (unit) => unit.stop());
      case "unit restart":
        return onUnit(host, step.unit, (unit) => unit.restart());
      case "unit kill":
        return host.unit(step.unit)?.kill() ?? unknownUnit(host, step.unit);
      case "unit enable":
        return host.unit(step.unit)?.enable() ?? unknownUnit(host, step.unit);
      case "unit disable":
        return host.unit(step.unit)?.disable() ?? unknownUnit(host, step.unit);
      case "unit config": {
        const unit = host.unit(step.unit);
        if (!unit) return unknownUnit(host, step.unit);
        const { ok, message } = unit.configure(step.set);
        return { ok, message };
      }
      case "package uninstall":
        return host.uninstall(step.package);
      case "change revert":
        return changes.revert(step.change);
      case "upstream drain":
      case "upstream enable":
      case "upstream weight":
        return onUpstream(admin, step);
    }
  };

  const configText = (): string | undefined => textNow(store);
  return { applyYaml, checkConfig, act: notedActs(act, { changes, configText, apply: applyYaml }) };
}

/** Operates a unit and reports the state that it settles in. */
async function onUnit(
  host: Host,
  name: string,
  operate: (unit: Unit) => ActionResult,
): Promise<ActionResult> {
  const unit = host.unit(name);
  if (!unit) return unknownUnit(host, name);
  const { ok, message } = operate(unit);
  if (!ok) return { ok, message };
  await host.settled([name]);
  const { state, reason } = unit.view;
  return { ok, message: `${message}; ${name} is ${state}${state === "active" ? "" : ` (${reason})`}` };
}

function unknownUnit(host: Host, name: string): ActionResult {
  const names = host.units().map((unit) => unit.name);
  return { ok: false, message: `there is no unit ${name}; there is ${names.join(", ")}` };
}

async function onUpstream(admin: AdminClient, step: UpstreamAction): Promise<ActionResult> {
  const result = await admin.upstream(step);
  return result ?? { ok: false, message: "the balancer does not answer, and this cannot be set without it" };
}
