import { createDrill, type Drill, type DrillOptions } from "../../lab/drill/drill.ts";
import type { Result } from "../../lab/drill/result.ts";
import type { PaceSet, Scenario } from "../../scenarios/scenario.ts";
import { unevenWeights } from "../../scenarios/uneven-weights/scenario.ts";
import { createFakeWorld, pass, SICK, WELL, type FakeWorld } from "./fake-world.ts";
import { createManualClock, type ManualClock } from "./manual-clock.ts";
import { createMemoryJournal, type MemoryJournal } from "./memory-journal.ts";

export interface DrillBench {
  readonly clock: ManualClock;
  readonly world: FakeWorld;
  readonly journal: MemoryJournal;
  readonly drill: Drill;
  /** What `run` came to. */
  readonly outcome: { result?: Result; error?: unknown };
  /** Starts it with this signal. */
  run(signal?: AbortSignal): void;
  pass(ms: number): Promise<void>;
  /** Starts it, and lets time go on until the journal has such a line. */
  runUntil(event: string): Promise<void>;
  until(event: string): Promise<void>;
  check(): Promise<boolean>;
}

export const REPAIR = { do: "config rollback", version: 1 } as const;

/** A drill on a fake world: its change makes a third of the users fail, a rollback makes them well. */
export function createDrillBench(
  options: Partial<DrillOptions> = {},
  pace: (world: FakeWorld, clock: ManualClock) => Partial<PaceSet> = () => ({}),
  diagnosis: Partial<Scenario["diagnosis"]> = {},
): DrillBench {
  const clock = createManualClock();
  const world = createFakeWorld(clock);
  const journal = createMemoryJournal(clock);
  world.onAct = async ({ do: verb }) => {
    if (verb === "config rollback") world.mood = WELL;
    return { ok: true, message: "done" };
  };
  const drillPace: PaceSet = {
    ...unevenWeights.paces.drill,
    prelude: [async () => async () => void world.calls.push("undo prelude")],
    change: [
      async () => {
        world.mood = SICK;
        world.calls.push("change");
        return async () => void world.calls.push("undo change");
      },
    ],
    impact: { expectations: [{ figure: "failedRequestRatio", min: 0.26, max: 0.4 }], settleMs: 4000 },
    ...pace(world, clock),
  };
  const scenario: Scenario = {
    ...unevenWeights,
    paces: { drill: drillPace, report: drillPace },
    diagnosis: { ...unevenWeights.diagnosis, ...diagnosis },
  };
  const drill = createDrill(
    scenario,
    { id: "d1", seed: 1, timeLimitMs: null, fault: true, ...options },
    { world, journal, onEvent: () => {} },
  );
  const outcome: DrillBench["outcome"] = {};
  const bench: DrillBench = {
    clock,
    world,
    journal,
    drill,
    outcome,
    run(signal = new AbortController().signal) {
      drill.run(signal).then(
        (result) => (outcome.result = result),
        (error: unknown) => (outcome.error = error),
      );
    },
    pass: (ms) => pass(clock, ms),
    async runUntil(event) {
      bench.run();
      await bench.until(event);
    },
    async until(event) {
      for (let i = 0; i < 200 && !journal.events.includes(event); i++) await pass(clock, 1000);
      if (!journal.events.includes(event))
        throw new Error(`there is no line "${event}" after 200 s, only ${journal.events.join(", ")}`);
    },
    async check() {
      const checked: { ok?: boolean; error?: unknown } = {};
      drill.check(new AbortController().signal).then(
        ({ ok }) => (checked.ok = ok),
        (error: unknown) => (checked.error = error),
      );
      for (let i = 0; i < 70; i++) {
        if ("ok" in checked || "error" in checked) break;
        await pass(clock, 1000);
      }
      if (checked.ok === undefined) throw checked.error as Error;
      return checked.ok;
    },
  };
  return bench;
}
