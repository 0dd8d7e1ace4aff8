import type { Annotations } from "./query.ts";
import { EvaluationError, TimeoutError } from "./evaluation-errors.ts";

export interface RunConfig {
  /** The first and the last moment of the whole query, epoch ms. */
  readonly fromMs: number;
  readonly toMs: number;
  /** How many samples may be read or made for one moment. */
  readonly maxSamples: number;
  readonly expired?: (() => boolean) | undefined;
}

/** The clock is read once for so many samples. */
const CHECK_EVERY = 10_000;
/** As many annotations as Prometheus' API shows of each kind. */
const MAX_NOTES = 10;

/** One run of a query: its limits, its range, and the annotations beside its result. */
export class Run {
  readonly fromMs: number;
  readonly toMs: number;
  readonly #maxSamples: number;
  readonly #expired: (() => boolean) | undefined;
  #spent = 0;
  #checkAt: number;
  #warnings: Set<string> | undefined;
  #infos: Set<string> | undefined;

  constructor({ fromMs, toMs, maxSamples, expired }: RunConfig) {
    this.fromMs = fromMs;
    this.toMs = toMs;
    this.#maxSamples = maxSamples;
    this.#expired = expired;
    this.#checkAt = Math.min(CHECK_EVERY, maxSamples);
  }

  /** Counts samples that were read or made. Throws when they are too many for one moment, or at the timeout. */
  spend(samples: number): void {
    this.#spent += samples;
    if (this.#spent > this.#checkAt) this.#check();
  }

  /** Resets the count of samples for the next moment, and reads the clock. */
  nextMoment(): void {
    this.#spent = 0;
    this.#check();
  }

  #check(): void {
    if (this.#spent > this.#maxSamples)
      throw new EvaluationError(
        `query processing would load too many samples into memory in query execution: more than ${this.#maxSamples} for one moment`,
      );
    if (this.#expired?.()) throw new TimeoutError("query timed out in expression evaluation");
    this.#checkAt = Math.min(this.#spent + CHECK_EVERY, this.#maxSamples);
  }

  warn(text: string): void {
    this.#warnings = noted(this.#warnings, `PromQL warning: ${text}`);
  }

  inform(text: string): void {
    this.#infos = noted(this.#infos, `PromQL info: ${text}`);
  }

  /** Each text once, in the order in which they came; undefined when there are none. */
  get annotations(): Annotations | undefined {
    if (!this.#warnings && !this.#infos) return undefined;
    return {
      ...(this.#warnings && { warnings: [...this.#warnings] }),
      ...(this.#infos && { infos: [...this.#infos] }),
    };
  }
}

function noted(notes: Set<string> = new Set(), text: string): Set<string> {
  if (notes.size < MAX_NOTES) notes.add(text);
  return notes;
}
