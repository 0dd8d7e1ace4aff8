import { textNow } from "./act-change.ts";
import type { ConfigStore } from "../../lb/config/store.ts";
import { parseBalancerConfig } from "../../lb/config/parse.ts";
import type { BalancerConfig } from "../../lb/config/schema.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Parser } from "../../lb/config/parse-aside.ts";
import type { Action, UpstreamAction } from "../../scenarios/action.ts";
import type { ConfigInput } from "../../scenarios/scenario.ts";
import type { Host, Unit } from "./host.ts";
import { configResult, contentOf } from "./config-answer.ts";
import { notedActs } from "./noted-acts.ts";
import { refusalOf } from "./refusal.ts";
import type { Actor } from "../trainee/actor.ts";
import { findingsIn } from "./config-findings.ts";
import type { ActionResult } from "./action-result.ts";
import type { World } from "./world.ts";
import type { AdminClient } from "./admin-client.ts";
import type { ChangeLog } from "./change-log.ts";

export interface ActionParts {
  readonly clock: Clock;
  readonly host: Host;
  readonly admin: AdminClient;
  readonly store: ConfigStore;
  readonly parse: Parser;
  readonly changes: ChangeLog;
  /** By how much this lab's ports lie above the default ones. */
  readonly offset: number;
  readonly seed: number;
  /** A configuration as this world writes it. */
  readonly placed: (config: ConfigInput) => ConfigInput;
}

export interface Actions {
  act(step: Action, by: Actor): Promise<ActionResult>;
  /** `file` is the name that faults are reported under. */
  applyYaml(yaml: string, author: string, reason: string, file?: string): Promise<ActionResult>;
  checkConfig: World["checkConfig"];
}

/** Name of a text that comes from no file. */
const UNNAMED = "configuration";
const WHEN_IT_STARTS = "the balancer does not answer: it takes effect when it starts";

/** The action table, the same in every world. */
export function createActions({ clock, host, admin, store, parse, changes }: ActionParts): Actions {
  /** Applies through the balancer when it runs; else writes its file, which its next start reads. */
  async function applyYaml(
    yaml: string,
    author: string,
    reason: string,
    file = UNNAMED,
  ): Promise<ActionResult> {
    const parsed = await parse(new TextEncoder().encode(yaml), file);
    if (!parsed.ok) return configResult({ taken: false, faults: parsed.faults }, file);
    const live = balancerRuns() ? await admin.apply(yaml, { author, reason }) : undefined;
    if (live) return configResult(live, file);
    const findings = findingsIn(parsed, activeConfig(), clock.wall());
    const { version } = store.apply(yaml, { author, reason });
    return {
      ok: true,
      message: `version ${version} is written; ${WHEN_IT_STARTS}`,
      ...(findings.length === 0 ? {} : { findings }),
    };
  }

  const checkConfig: Actions["checkConfig"] = async (yaml, file = UNNAMED) => {
    const parsed = await parse(new TextEncoder().encode(yaml), file);
    const findings = parsed.ok
      ? findingsIn(parsed, activeConfig(), clock.wall())
      : (configResult({ taken: false, faults: parsed.faults }, file).findings ?? []);
    return { ok: findings.every(({ severity }) => severity !== "error"), findings };
  };

  /** The configuration that a new text would replace; undefined where none can be read. */
  function activeConfig(): BalancerConfig | undefined {
    try {
      const active = parseBalancerConfig(store.read().yaml, "");
      return active.ok ? active.config : undefined;
    } catch {
      // The file is gone or cannot be read: there is nothing to compare with.
      return undefined;
    }
  }

  /** The refusal of a text that was made from another version than the active one; undefined when there is none. */
  function conflict(over: number | undefined): ActionResult | undefined {
    if (over === undefined) return undefined;
    const { version } = store.read();
    if (version === over) return undefined;
    const message = `version ${version} is active, and this text was made out of version ${over}: see what differs, and apply it to that`;
    return { ok: false, code: "CONFIG_CONFLICT", message };
  }

  async function rollback(version: number | undefined, author: Actor): Promise<ActionResult> {
    const live = balancerRuns() ? await admin.rollback(version, author) : undefined;
    if (live) return configResult(live, UNNAMED);
    const restored = store.rollback(version, { author, reason: "rollback" });
    return {
      ok: true,
      message: `version ${restored.version} is written${contentOf(restored)}; ${WHEN_IT_STARTS}`,
    };
  }

  const balancerRuns = (): boolean => host.unit("balancer")?.view.state === "active";

  async function onUnit(name: string, run: (unit: Unit) => ActionResult): Promise<ActionResult> {
    const unit = host.unit(name);
    if (!unit) return unknownUnit(name);
    const { ok, message } = run(unit);
    if (!ok) return { ok, message };
    await host.settled([name]);
    const { state, reason } = unit.view;
    return { ok, message: `${message}; ${name} is ${state}${state === "active" ? "" : ` (${reason})`}` };
  }

  const unknownUnit = (name: string): ActionResult => ({
    ok: false,
    message: `there is no unit ${name}; there is ${host
      .units()
      .map((unit) => unit.name)
      .join(", ")}`,
  });

  async function upstream(step: UpstreamAction): Promise<ActionResult> {
    const result = await admin.upstream(step);
    return (
      result ?? { ok: false, message: "the balancer does not answer, and this cannot be set without it" }
    );
  }

  const act: Actions["act"] = async (step, by) => {
    const refusal = refusalOf(step, (name) => host.unit(name));
    if (refusal !== undefined) return { ok: false, message: refusal };
    switch (step.do) {
      case "config apply":
        return conflict(step.over) ?? applyYaml(step.yaml, by, step.reason ?? "by hand", step.file);
      case "config rollback":
        return rollback(step.version, by);
      case "unit start":
        return onUnit(step.unit, (unit) => unit.start());
      case "unit stop":
        return onUnit(step.unit, (unit) => unit.stop());
      case "unit restart":
        return onUnit(step.unit, (unit) => unit.restart());
      case "unit kill":
        return host.unit(step.unit)?.kill() ?? unknownUnit(step.unit);
      case "unit enable":
        return host.unit(step.unit)?.enable() ?? unknownUnit(step.unit);
      case "unit disable":
        return host.unit(step.unit)?.disable() ?? unknownUnit(step.unit);
      case "unit config": {
        const unit = host.unit(step.unit);
        if (!unit) return unknownUnit(step.unit);
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
        return upstream(step);
    }
  };

  const configText = (): string | undefined => textNow(store);
  return { applyYaml, checkConfig, act: notedActs(act, { changes, configText, apply: applyYaml }) };
}
