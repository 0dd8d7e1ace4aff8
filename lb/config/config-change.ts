import { messageOf, systemCode } from "../../runtime/errors.ts";
import type { ConfigControlDeps, Preparation } from "./config-control.ts";
import { lint, type Finding } from "./lint/lint.ts";
import type { CheckAnswer } from "./lint/rule.ts";
import type { ParsedConfig } from "./parse.ts";
import { ConfigRefused } from "./refused.ts";
import type { Push } from "./rollout/push.ts";
import { UnmetNeed } from "./unmet-need.ts";

/** A configuration that was read and whose needs are met, before it is put into force. */
export interface Prepared {
  readonly preparation: Preparation;
  readonly parsed: ParsedConfig & { readonly ok: true };
}

interface Versioned {
  readonly version: number;
}

/** One change of the configuration: read, given what it needs, judged, written down, put into force. */
export interface ConfigChanges {
  /** `write` makes the text the file; it calls `record` with the version before that is in place. */
  change<T extends Versioned>(
    raw: string | Uint8Array,
    push: Push,
    write: (record: (version: Versioned) => void) => T,
  ): Promise<T & { readonly findings: readonly Finding[] }>;
  /** Gets what a text needs and gives it back. Throws ConfigRefused. */
  tried(raw: string | Uint8Array): Promise<Prepared>;
  /** Tried, and judged as a proposal. Throws what the gate does, too. */
  propose(raw: string | Uint8Array, push: Push): Promise<readonly Finding[]>;
  /** Against the configuration in force: to be called before another one is. */
  findingsOf(ready: Prepared, answers: readonly CheckAnswer[]): readonly Finding[];
  /** Counts and logs a configuration that was refused, and returns the reason. */
  failed(error: unknown): unknown;
  /** What it throws is counted and logged. */
  orFail<T>(run: () => Promise<T>): Promise<T>;
}

export function createConfigChanges(deps: ConfigControlDeps): ConfigChanges {
  const { log, store, gate } = deps;

  const failed = (error: unknown): unknown => {
    deps.onResult("failure");
    const code = systemCode(error);
    log.error({ code }, `the configuration was refused, the old one stays in force: ${messageOf(error)}`);
    return error;
  };

  async function tried(raw: string | Uint8Array): Promise<Prepared> {
    const ready = await prepared(deps, raw);
    await ready.preparation.cancel();
    return ready;
  }

  return {
    findingsOf: (ready, answers) => findingsOf(deps, ready, answers),
    failed,
    orFail: (run) =>
      run().catch((error: unknown) => {
        throw failed(error);
      }),
    tried,
    async change(raw, push, write) {
      try {
        gate?.admit(push);
        const ready = await prepared(deps, raw);
        const made = await written(deps, ready, push, write);
        const { version } = made;
        ready.preparation.commit(version);
        store.settled(version);
        deps.onResult("success");
        log.info({ version }, `version ${version} of the configuration is in force`);
        gate?.applied(push, version);
        return made;
      } catch (error) {
        gate?.refused(push, error);
        throw failed(error);
      }
    },
    async propose(raw, push) {
      const ready = await tried(raw);
      const findings = findingsOf(deps, ready, []);
      try {
        gate?.propose(push, ready.parsed.config, findings);
      } catch (error) {
        gate?.refused(push, error);
        throw error;
      }
      return findings;
    },
  };
}

/** Throws ConfigRefused for what is faulty and for what cannot be had. */
async function prepared({ store, prepare }: ConfigControlDeps, raw: string | Uint8Array): Promise<Prepared> {
  const parsed = await store.parseAside(raw);
  if (!parsed.ok) throw new ConfigRefused(parsed.faults);
  try {
    return { preparation: await prepare(parsed.config), parsed };
  } catch (error) {
    if (!(error instanceof UnmetNeed)) throw error;
    throw new ConfigRefused([parsed.faultAt(error.path, error.message)]);
  }
}

function findingsOf(
  deps: ConfigControlDeps,
  { parsed, preparation: { certificates = [] } }: Prepared,
  answers: readonly CheckAnswer[],
): readonly Finding[] {
  const facts = { config: parsed.config, against: deps.active(), certificates, answers, load: deps.load?.() };
  return lint({ ...facts, now: deps.clock.wall() }, parsed.faultAt);
}

/** What was held for it is given back when it is refused. */
async function written<T extends Versioned>(
  deps: ConfigControlDeps,
  ready: Prepared,
  push: Push,
  write: (record: (version: Versioned) => void) => T,
): Promise<T & { readonly findings: readonly Finding[] }> {
  const { config } = ready.parsed;
  try {
    const findings = findingsOf(deps, ready, []);
    deps.gate?.judge(push, config, findings);
    const made = write(({ version }) => deps.gate?.record(push, version, config));
    return { ...made, findings };
  } catch (error) {
    await ready.preparation.cancel();
    throw error;
  }
}
