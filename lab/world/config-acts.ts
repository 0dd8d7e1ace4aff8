import { parseBalancerConfig } from "../../lb/config/parse.ts";
import type { Parser } from "../../lb/config/parse-aside.ts";
import type { BalancerConfig } from "../../lb/config/schema.ts";
import type { ConfigStore } from "../../lb/config/store.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Action, CanaryEndAction, GuardAction } from "../../scenarios/action.ts";
import type { Actor } from "../trainee/actor.ts";
import type { ActionResult } from "./action-result.ts";
import type { AdminClient } from "./admin-client.ts";
import { abortResult, canaryResult, configResult, contentOf } from "./config-answer.ts";
import { findingsIn } from "./config-findings.ts";
import type { Host } from "./host.ts";
import type { World } from "./world.ts";

/** What is done to the balancer's configuration: through the balancer when it runs, else in its file. */
export interface ConfigActs {
  /** `file` is the name that faults are reported under. */
  applyYaml(yaml: string, author: string, reason: string, file?: string): Promise<ActionResult>;
  /** For all users, or as a canary. */
  apply(step: Extract<Action, { readonly do: "config apply" }>, author: Actor): Promise<ActionResult>;
  endCanary(step: CanaryEndAction, author: Actor): Promise<ActionResult>;
  /** Review and freeze. */
  guard(step: GuardAction, author: Actor): Promise<ActionResult>;
  checkConfig: World["checkConfig"];
  rollback(version: number | undefined, author: Actor): Promise<ActionResult>;
  /** The refusal of a text that was made from another version than the active one; undefined when there is none. */
  conflict(over: number | undefined): ActionResult | undefined;
}

export interface ConfigActsParts {
  readonly clock: Clock;
  readonly host: Host;
  readonly admin: AdminClient;
  readonly store: ConfigStore;
  readonly parse: Parser;
}

/** Name of a text that comes from no file. */
const UNNAMED = "configuration";
const NO_CANARY: ActionResult = {
  ok: false,
  message: "the balancer does not answer, and there is no canary without it",
};
const NO_GUARD: ActionResult = {
  ok: false,
  message: "the balancer does not answer, and there is no review and no freeze without it",
};
const WHEN_IT_STARTS = "the balancer does not answer: it takes effect when it starts";

export function createConfigActs({ clock, host, admin, store, parse }: ConfigActsParts): ConfigActs {
  const balancerRuns = (): boolean => host.unit("balancer")?.view.state === "active";

  const acts: ConfigActs = {
    async apply({ yaml, reason = "by hand", file = UNNAMED, canary }, author) {
      if (canary === undefined) return acts.applyYaml(yaml, author, reason, file);
      const live = balancerRuns() ? await admin.canary(yaml, { author, reason }, canary) : undefined;
      return live === undefined ? NO_CANARY : canaryResult(live, file);
    },
    async endCanary(step, author) {
      const live = balancerRuns() ? await admin.endCanary(step, author) : undefined;
      if (live === undefined) return NO_CANARY;
      return step.do === "config promote" ? configResult(live, UNNAMED) : abortResult(live);
    },
    async guard(step, author) {
      const until =
        step.do === "config freeze" && step.seconds !== undefined
          ? clock.wall() + step.seconds * 1000
          : undefined;
      return (balancerRuns() ? await admin.guard(step, author, until) : undefined) ?? NO_GUARD;
    },
    async applyYaml(yaml, author, reason, file = UNNAMED) {
      const parsed = await parse(new TextEncoder().encode(yaml), file);
      if (!parsed.ok) return configResult({ taken: false, faults: parsed.faults }, file);
      const live = balancerRuns() ? await admin.apply(yaml, { author, reason }) : undefined;
      if (live) return configResult(live, file);
      const findings = findingsIn(parsed, activeConfig(store), clock.wall());
      const { version } = store.apply(yaml, { author, reason });
      return {
        ok: true,
        message: `version ${version} is written; ${WHEN_IT_STARTS}`,
        ...(findings.length === 0 ? {} : { findings }),
      };
    },
    async checkConfig(yaml, file = UNNAMED) {
      const parsed = await parse(new TextEncoder().encode(yaml), file);
      const findings = parsed.ok
        ? findingsIn(parsed, activeConfig(store), clock.wall())
        : (configResult({ taken: false, faults: parsed.faults }, file).findings ?? []);
      return { ok: findings.every(({ severity }) => severity !== "error"), findings };
    },
    async rollback(version, author) {
      const live = balancerRuns() ? await admin.rollback(version, author) : undefined;
      if (live) return configResult(live, UNNAMED);
      const restored = store.rollback(version, { author, reason: "rollback" });
      return {
        ok: true,
        message: `version ${restored.version} is written${contentOf(restored)}; ${WHEN_IT_STARTS}`,
      };
    },
    conflict(over) {
      if (over === undefined) return undefined;
      const { version } = store.read();
      if (version === over) return undefined;
      const message = `version ${version} is active, and this text was made out of version ${over}: see what differs, and apply it to that`;
      return { ok: false, code: "CONFIG_CONFLICT", message };
    },
  };
  return acts;
}

/** The configuration that a new text would replace; undefined where none can be read. */
function activeConfig(store: ConfigStore): BalancerConfig | undefined {
  try {
    const active = parseBalancerConfig(store.read().yaml, "");
    return active.ok ? active.config : undefined;
  } catch {
    // The file is gone or cannot be read: there is nothing to compare with.
    return undefined;
  }
}
