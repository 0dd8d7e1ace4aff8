import type { Trainee } from "../../lab/trainee/trainee.ts";

export interface CheatRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export interface CheatAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A program of the cheat's own; undefined: it breaks the connection. */
export type Program = (request: CheatRequest) => Promise<CheatAnswer | undefined>;

export interface UpstreamPlace {
  readonly name: string;
  readonly port: number;
  /** Something listens there. */
  readonly isThere: boolean;
}

/** The means of a person who tries to fool the judge of a drill, in any world: a trainee's, and programs of their own. */
export interface CheatBench {
  readonly trainee: Trainee;
  /** The port that users come to. */
  readonly listener: number;
  /** A port that no unit needs. */
  readonly spare: number;
  /** Upstreams by the balancer's configuration. */
  upstreams(): Promise<readonly UpstreamPlace[]>;
  /** Starts a program on a port of the loopback. Returns what ends it. */
  serve(port: number, program: Program): Promise<() => Promise<void>>;
  /** Undefined when there is no answer. */
  ask(port: number, request: CheatRequest): Promise<CheatAnswer | undefined>;
}

/** One way to look well without users being so. */
export interface Cheat {
  readonly name: string;
  /** Does it; users, as far as they can be fooled, seem well from then on. Returns what takes it back. */
  readonly run: (bench: CheatBench) => Promise<() => Promise<void>>;
}

export interface RefusedCheat {
  readonly name: string;
  /** Each has to be refused with this. */
  readonly steps: readonly Parameters<Trainee["act"]>[0][];
  readonly because: RegExp;
}

/** Runs what takes several things back, last first. */
export const all =
  (...undos: readonly (() => Promise<unknown>)[]) =>
  async (): Promise<void> => {
    for (const undo of undos.toReversed()) await undo();
  };
