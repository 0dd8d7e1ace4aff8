import { CodedError } from "../../runtime/errors.ts";
import { playbookAt } from "../../scenarios/playbook.ts";
import type { PaceName, Scenario } from "../../scenarios/scenario.ts";
import type { JournalLine } from "../drill/events.ts";
import { measured, type Choice } from "../measures/choice.ts";
import { MEASURE_MINUTE_MS } from "../measures/kind.ts";
import { namesCause } from "../measures/names-cause.ts";
import { RESPONDERS, type ResponderName } from "../responders/index.ts";
import { simulateDrill } from "../simulate/simulate-drill.ts";
import type { Platform } from "../world/simulated/platform.ts";
import { answerAtMinute } from "./answer-at-minute.ts";

/** Who answers the page in a cell: a responder, or one who repairs it at a minute of the report. */
export type Answerer = ResponderName | { readonly repairsAtMinute: number };

/** One drill of the matrix: an incident on one seed with some measures on. */
export interface CellTask {
  /** The scenario's id. */
  readonly scenario: string;
  readonly seed: number;
  readonly pace: PaceName;
  readonly answerer: Answerer;
  readonly choice: Choice;
}

/** Something that a measure did, at a minute of the report after users felt it first. */
export interface MeasureDid {
  /** The measure's name. */
  readonly by: string;
  readonly minute: number;
  readonly message: string;
}

/** What became of one drill of the matrix. */
export interface CellRun {
  readonly userMinutesLostPer1000: number;
  /** False: users never felt it. */
  readonly felt: boolean;
  /** Pushes that measures refused, changes that they undid, acts of the team that they refused, and what they held. */
  readonly refused: readonly MeasureDid[];
  readonly undone: readonly MeasureDid[];
  readonly refusedActs: readonly MeasureDid[];
  readonly heldMinutes: number;
  /** The first suspicion that named the cause, and the first one of any kind. */
  readonly named: MeasureDid | null;
  readonly suspected: MeasureDid | null;
  /** When the first page came, and when users were well again; minutes of the report after users felt it. */
  readonly pagedMinute: number | null;
  readonly wellMinute: number | null;
  /** Why there is no result; null where there is one. */
  readonly void: string | null;
}

/** Runs one drill of the matrix. Rejects for a bug only. */
export async function runCell(scenario: Scenario, task: CellTask, platform: Platform): Promise<CellRun> {
  const { seed, pace, answerer, choice } = task;
  try {
    const simulation = await simulateDrill(scenario, {
      seed,
      pace,
      choice,
      platform,
      responder:
        typeof answerer === "string"
          ? RESPONDERS[answerer].create(playbookAt(measured(scenario, choice, pace, seed).scenario, pace))
          : answerAtMinute(scenario, pace, answerer.repairsAtMinute),
      actor: typeof answerer === "string" ? `responder:${answerer}` : "responder:at-minute",
    });
    const { state, result, journal, changes } = simulation;
    // The pushes may have been held: an outage begins when users feel it.
    const began = state.firstFailureAt ?? state.changedAt ?? 0;
    const minuteOf = (at: number): number => round((at - began) / scenario.paces[pace].timing.reportMinuteMs);
    const did = (line: JournalLine & { readonly by: string; readonly message: string }): MeasureDid => ({
      by: line.by.slice(line.by.indexOf(":") + 1),
      minute: minuteOf(Date.parse(line.at)),
      message: line.message,
    });
    const of = <Event extends JournalLine["event"]>(event: Event) =>
      journal.filter((line): line is JournalLine & { event: Event } => line.event === event);
    const suspicions = of("suspected");
    const named = suspicions.find((line) =>
      namesCause(line, { scenario, changes, changedAt: state.changedAt }),
    );
    return {
      userMinutesLostPer1000: result.measured.projectedUserMinutesLostPer1000,
      felt: state.impactAt !== null,
      refused: of("prevented")
        .filter(({ isAct }) => !isAct)
        .map(did),
      undone: of("caught").map(did),
      refusedActs: of("prevented")
        .filter(({ isAct }) => isAct)
        .map(did),
      heldMinutes: round(of("held").reduce((sum, { ms }) => sum + ms, 0) / MEASURE_MINUTE_MS[pace]),
      named: named ? did(named) : null,
      suspected: suspicions[0] ? did(suspicions[0]) : null,
      pagedMinute: state.pagedAt === null ? null : minuteOf(state.pagedAt),
      wellMinute: state.wellSince === null ? null : minuteOf(state.wellSince),
      void: null,
    };
  } catch (error) {
    if (!(error instanceof CodedError) || (error.code !== "DRILL_VOID" && error.code !== "DRILL_REFUSED"))
      throw error;
    return { ...NOTHING, void: error.message };
  }
}

const NOTHING: CellRun = {
  userMinutesLostPer1000: 0,
  felt: false,
  refused: [],
  undone: [],
  refusedActs: [],
  heldMinutes: 0,
  named: null,
  suspected: null,
  pagedMinute: null,
  wellMinute: null,
  void: null,
};

const round = (value: number): number => Math.round(value * 10) / 10;
