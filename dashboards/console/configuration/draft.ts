import { signal } from "@preact/signals";
import type { Trainee } from "../../../lab/trainee/trainee.ts";
import type { Finding } from "../../../lb/config/lint/lint.ts";

export interface Version {
  readonly version: number;
  readonly yaml: string;
}

/** A text on its way to be the configuration, the version it was made out of, and what is said against it. */
export function createDraft(trainee: Pick<Trainee, "checkConfig">) {
  const text = signal("");
  /** The version that the text was made out of; undefined before any was read. */
  const base = signal<Version | undefined>(undefined);
  const active = signal<Version | undefined>(undefined);
  const findings = signal<readonly Finding[]>([]);

  const isChanged = (): boolean => base.value !== undefined && text.value !== base.value.yaml;
  function take(version: Version): void {
    base.value = version;
    text.value = version.yaml;
  }
  return {
    text,
    base,
    active,
    findings,
    isChanged,
    /** Begins again from a version; what was written is lost. */
    take,
    /** Keeps the text, made out of another version from now on. */
    rebase: (version: Version) => void (base.value = version),
    /** The running version was read: a text that nobody has changed follows it. */
    saw(version: Version) {
      active.value = version;
      if (!isChanged()) take(version);
    },
    /** The text became this version. */
    applied(version: number) {
      base.value = active.value = { version, yaml: text.value };
    },
    /** True while another version runs than the one that the changed text was made out of. */
    conflicts: () =>
      isChanged() && active.value !== undefined && active.value.version !== base.value?.version,
    async check(yaml: string): Promise<readonly Finding[]> {
      if (yaml === "") return [];
      const checked = await trainee.checkConfig({ yaml, file: "config.yaml" }, { background: true });
      if (yaml === text.value) findings.value = checked.findings;
      return checked.findings;
    },
  };
}

export type Draft = ReturnType<typeof createDraft>;

/** One draft for each lab: another tab of the console does not lose it. */
const drafts = new WeakMap<Trainee, Draft>();

export function draftOf(trainee: Trainee): Draft {
  const known = drafts.get(trainee);
  if (known) return known;
  const draft = createDraft(trainee);
  drafts.set(trainee, draft);
  return draft;
}
