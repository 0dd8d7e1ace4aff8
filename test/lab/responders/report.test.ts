import { describe, expect, it } from "vitest";
import { createReport } from "../../../lab/responders/report.ts";
import { doNothing } from "../../../lab/responders/none.ts";
import type { Responder } from "../../../lab/responders/responder.ts";
import { CodedError } from "../../../runtime/errors.ts";
import { describeAction } from "../../../scenarios/action.ts";
import type { PlaybookStep } from "../../../scenarios/playbook.ts";
import { status } from "../../support/evidence.ts";
import { fakeTrainee } from "../../support/fake-trainee.ts";
import { pass } from "../../support/fake-world.ts";
import { createManualClock } from "../../support/manual-clock.ts";

const PLAYBOOK: readonly PlaybookStep[] = [
  { minute: 0, says: "somebody looks", looks: ["alerts", "logs web-1"] },
  { minute: 2, says: "a lead", looks: ["metrics web-9"] },
  {
    minute: 5,
    says: "the cause",
    looks: ["changes"],
    diagnosis: { component: "web", mechanism: "traffic-skewed", scope: "some-requests" },
  },
  { minute: 7.5, says: "the repair", does: [{ do: "config rollback", version: 1 }] },
];

/** A trainee whose page fires from `pagedAt` on, for an alert active since `activeAt` (seconds). */
function onDuty(responder: Responder, { pagedAt, activeAt }: { pagedAt: number; activeAt: number }) {
  const clock = createManualClock();
  const began = clock.wall();
  const done: string[] = [];
  const note = (what: string): void =>
    void done.push(`${((clock.wall() - began) / 1000).toFixed(0)} ${what}`);
  const page = {
    name: "HighFailureRatio",
    severity: "page",
    state: "firing",
    labels: {},
    summary: "many fail",
    description: "",
    runbook: "",
    value: 1,
    activeAt: began + activeAt * 1000,
    firedAt: began + pagedAt * 1000,
    resolvedAt: undefined,
    notifiedAt: began + pagedAt * 1000,
    suppressed: undefined,
    acknowledged: undefined,
  } as const;
  let checks = 0;
  const seen = <T>(what: string, value: T): Promise<T> => {
    note(what);
    return Promise.resolve(value);
  };
  const trainee = fakeTrainee({
    status: async () => status({ alerts: clock.wall() - began >= pagedAt * 1000 ? [page] : [] }),
    logs: ({ unit }) => seen(`logs ${unit}`, []),
    changes: () => seen("changes", []),
    metrics({ unit }) {
      note(`metrics ${unit}`);
      return Promise.reject(new CodedError("NOT_FOUND", `${unit} gives no metrics now`));
    },
    alerts: () => seen("alerts", []),
    act: (step) => seen(describeAction(step), { ok: true, message: "" }),
    check: () => seen("check", { ok: ++checks > 2, felt: [] }),
    diagnose: ({ mechanism }) => seen(`diagnose ${mechanism}`, { ok: true } as const),
  });
  const reported: { well?: boolean } = {};
  const tempo = { minuteMs: 60_000, shiftMinutes: 10, recoveryMs: 600_000 };
  void responder(trainee, {
    clock,
    signal: new AbortController().signal,
    say: (line) => note(`"${line}"`),
    waitMs: 60_000,
    tempo,
  }).then((well) => (reported.well = well));
  return { clock, done, reported };
}

describe("the report's own team", () => {
  it("looks, diagnoses and acts as its report does, at its minutes, counted from when the symptom began", async () => {
    const { clock, done, reported } = onDuty(createReport(PLAYBOOK), { pagedAt: 20, activeAt: 10 });
    await pass(clock, 720_000);
    expect(done).toEqual([
      '20 "paged: HighFailureRatio: many fail"',
      '20 "somebody looks"',
      "20 alerts",
      "20 logs web-1",
      '130 "a lead"',
      // A unit that is down gives none: the look counts, and the next one follows.
      "130 metrics web-9",
      '310 "the cause"',
      "310 changes",
      "310 diagnose traffic-skewed",
      '460 "the repair"',
      "460 config rollback 1",
      "460 check",
      "520 check",
      "580 check",
    ]);
    expect(reported).toEqual({ well: true });
  });

  it("does nothing without a page", async () => {
    const { clock, done, reported } = onDuty(createReport(PLAYBOOK), { pagedAt: 100_000, activeAt: 0 });
    await pass(clock, 70_000);
    expect(done).toEqual(['61 "no page: nothing to do"']);
    expect(reported).toEqual({ well: true });
  });
});

describe("the responder that does nothing", () => {
  it("acts never during a whole shift, and users stay as they are", async () => {
    const { clock, done, reported } = onDuty(doNothing, { pagedAt: 20, activeAt: 10 });
    await pass(clock, 640_000);
    expect(done).toEqual([
      '20 "paged: HighFailureRatio: many fail"',
      '20 "nobody does anything"',
      "610 check",
    ]);
    expect(reported).toEqual({ well: false });
  });
});
