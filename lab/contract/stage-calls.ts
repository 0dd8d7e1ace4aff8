import type { ConfigInput, PackageSpec, PaceSet, Stage, Undo } from "../../scenarios/scenario.ts";

/** The calls that the faults of a pace make of the stage, gathered without doing anything. */
export interface StageCalls {
  readonly configs: readonly ConfigInput[];
  readonly packages: readonly PackageSpec[];
  /** Units that a fault names, with the settings it changes. */
  readonly units: readonly { readonly unit: string; readonly set: Readonly<Record<string, string>> }[];
  /** What each fault does, in the order of the change log. */
  readonly changes: readonly string[];
  /** All its texts: authors, summaries, names of packages and units. */
  readonly texts: readonly string[];
}

export async function stageCallsOf({ prelude, change }: PaceSet): Promise<StageCalls> {
  const configs: ConfigInput[] = [];
  const packages: PackageSpec[] = [];
  const units: { unit: string; set: Readonly<Record<string, string>> }[] = [];
  const texts: string[] = [];
  const changes: string[] = [];
  const noted = ({ by, summary }: { readonly by: string; readonly summary: string }): Undo => {
    texts.push(by, summary);
    changes.push(summary);
    return async () => {};
  };
  const stage: Stage = {
    async pushConfig(note, config) {
      configs.push(config);
      return noted(note);
    },
    async installPackage(note, spec) {
      packages.push(spec);
      texts.push(spec.name, spec.unit.name);
      return noted(note);
    },
    async deploy(note, unit, version) {
      units.push({ unit, set: { version } });
      return noted(note);
    },
    async tune(note, unit, set) {
      units.push({ unit, set });
      return noted(note);
    },
    async restart(note, restarted) {
      units.push(...restarted.map((unit) => ({ unit, set: {} })));
      return noted(note);
    },
    async retire(note, retired) {
      units.push(...retired.map((unit) => ({ unit, set: {} })));
      return noted(note);
    },
  };
  for (const fault of [...prelude, ...change]) await fault(stage);
  return { configs, packages, units, changes, texts };
}
