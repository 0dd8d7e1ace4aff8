import type { Clock } from "../../runtime/clock.ts";
import type { Random } from "../../runtime/random.ts";
import type { EngineName } from "../../lb/transport/engines.ts";

/** One measured figure beside its bar. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** Absent: the figure is only reported. */
  readonly bar?: { readonly is: "at most" | "under" | "exactly" | "at least"; readonly than: number };
}

export interface BarContext {
  readonly clock: Clock;
  readonly random: Random;
  /** What carries requests to upstreams. */
  readonly engine: EngineName;
  /** How long the soak takes. */
  readonly minutes: number;
  /** One line of progress. */
  note(text: string): void;
}

/** Something that the balancer's process must meet, tested from outside. */
export interface Bar {
  readonly name: string;
  readonly title: string;
  /** False: what is tested does not depend on the engine, and one run is enough. */
  readonly everyEngine: boolean;
  run(context: BarContext): Promise<readonly Figure[]>;
}

/** Whether a figure meets its bar. */
export function met({ value, bar }: Figure): boolean {
  if (bar === undefined) return true;
  switch (bar.is) {
    case "at most":
      return value <= bar.than;
    case "under":
      return value < bar.than;
    case "exactly":
      return value === bar.than;
    case "at least":
      return value >= bar.than;
  }
}

export const none = (what: string, value: number, unit = ""): Figure => ({
  what,
  value,
  unit,
  bar: { is: "exactly", than: 0 },
});

export const atMost = (what: string, value: number, than: number): Figure => ({
  what,
  value,
  unit: "",
  bar: { is: "at most", than },
});

export const atLeast = (what: string, value: number, than: number): Figure => ({
  what,
  value,
  unit: "",
  bar: { is: "at least", than },
});

export const under = (what: string, value: number, unit: string, than: number): Figure => ({
  what,
  value,
  unit,
  bar: { is: "under", than },
});

export const reported = (what: string, value: number, unit = ""): Figure => ({ what, value, unit });
