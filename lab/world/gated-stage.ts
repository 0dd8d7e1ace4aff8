import type { ConfigInput, Stage, Undo } from "../../scenarios/scenario.ts";
import type { ChangeGates, ProposedChange } from "./change-gate.ts";
import type { ChangeEntry } from "./change-entry.ts";

export interface GatedStageDeps {
  readonly stage: Stage;
  readonly gates: ChangeGates;
  readonly changes: () => readonly ChangeEntry[];
  /** The balancer's file as it is now. */
  readonly configText: () => string;
  /** By how much this world's ports lie above the default ones. */
  readonly offset: number;
  /** A configuration as this world would write it. */
  readonly textOf: (config: ConfigInput) => string;
}

/** A stage whose changes gates can refuse: then nothing is done, and there is nothing to undo. */
export function gatedStage({ stage, gates, changes, configText, textOf, offset }: GatedStageDeps): Stage {
  async function gated(change: Omit<ProposedChange, "isAct">, make: () => Promise<Undo>): Promise<Undo> {
    const proposed = { ...change, isAct: false };
    if (await gates.before(proposed)) return async () => {};
    const undo = await make();
    const entry = changes().at(-1);
    gates.after(entry === undefined ? proposed : { ...proposed, entry });
    return undo;
  }

  return {
    pushConfig: (note, config) =>
      gated(
        {
          kind: "config",
          ...note,
          subjects: ["balancer"],
          config: { before: configText(), after: textOf(config) },
        },
        () => stage.pushConfig(note, config),
      ),
    installPackage: (note, spec) =>
      gated(
        {
          kind: "package",
          ...note,
          subjects: [spec.name, spec.unit.name],
          environment: spec.environment,
          ports: [spec.unit.port + offset],
        },
        () => stage.installPackage(note, spec),
      ),
    deploy: (note, unit, version) =>
      gated({ kind: "deploy", ...note, subjects: [unit] }, () => stage.deploy(note, unit, version)),
    tune: (note, unit, set) =>
      gated({ kind: "tune", ...note, subjects: [unit] }, () => stage.tune(note, unit, set)),
    restart: (note, units) =>
      gated({ kind: "restart", ...note, subjects: units }, () => stage.restart(note, units)),
    retire: (note, units) =>
      gated({ kind: "retire", ...note, subjects: units }, () => stage.retire(note, units)),
  };
}
