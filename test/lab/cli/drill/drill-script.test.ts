import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { judgeScript, readDrillScript, termsText } from "../../../../lab/cli/drill/drill-script.ts";
import type { Result } from "../../../../lab/drill/result.ts";
import { CodedError } from "../../../../runtime/errors.ts";

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "script-"));
  path = join(dir, "drill.yaml");
});
afterEach(() => rmSync(dir, { recursive: true }));

const read = (text: string) => {
  writeFileSync(path, text);
  return readDrillScript(path);
};

/** The faults, a line each, without the file's name. */
const faultsOf = (text: string): string[] => {
  try {
    read(text);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    expect(error.code).toBe("CONFIG_INVALID");
    return error.message.split("\n").map((line) => {
      expect(line.startsWith(`${path}:`)).toBe(true);
      return line.slice(path.length + 1);
    });
  }
  return [];
};

describe("an instructor's script", () => {
  it("needs no more than the name of an incident", () => {
    expect(read("scenario: lantern\n")).toEqual({
      scenario: "lantern",
      seed: 1,
      goOn: false,
      responder: "trainee",
      pass: { durable: true, diagnosis: true },
    });
  });

  it("is taken whole", () => {
    const script = read(
      [
        "scenario: uneven-weights",
        "seed: 42",
        "timeLimitMinutes: 20.5",
        "briefing: tonight",
        "responder: auto",
        "pass: { durable: false, diagnosis: false, restoreWithinMinutes: 15, maxHints: 1, maxWrongActions: 0 }",
      ].join("\n"),
    );
    expect(script).toMatchObject({
      seed: 42,
      timeLimitMinutes: 20.5,
      pass: { maxHints: 1, maxWrongActions: 0 },
    });
  });

  it("is refused with the place of every fault", () => {
    const faults = faultsOf("scenario: nobody\nseed: -1\npass:\n  maxHints: many\n");
    expect(faults).toHaveLength(3);
    expect(faults[0]).toMatch(/^1:11: scenario: must be an alias or id of a scenario: overture, /);
    expect(faults[1]).toMatch(/^2:7: seed: /);
    expect(faults[2]).toMatch(/^4:13: pass\.maxHints: /);
  });

  it("shows an unknown setting at its place in the file", () => {
    expect(faultsOf("scenario: lantern\nspeed: 3\n")[0]).toMatch(/^2:1: speed: /);
    expect(faultsOf("scenario: lantern\npass:\n  durable: true\n  hints: 3\n")[0]).toMatch(
      /^4:3: pass\.hints: /,
    );
  });

  it("shows a missing setting at what lacks it", () => {
    expect(faultsOf("seed: 3\n")).toHaveLength(1);
    expect(faultsOf("seed: 3\n")[0]).toMatch(/^1:1: scenario: /);
  });

  it.each([
    ["", /^1:1: /],
    ["just a text\n", /^1:1: /],
    ["- a list\n", /^1:\d+: /],
    ["scenario: [lantern\n", /^\d+:\d+: /],
    ["scenario: lantern\nscenario: juniper\n", /^2:1: /],
    ["scenario: lantern\nbriefing: *a\n", /^2:11: briefing: .*stands for nothing/],
    ["scenario: lantern\n---\nscenario: juniper\n", /^\d+:\d+: /],
  ])("is refused with a place when it is %j", (text, place) => {
    expect(faultsOf(text)[0]).toMatch(place);
  });

  it("names a scenario of one's own by a path beside the script", () => {
    expect(read("scenario: ./mine\n").scenario).toBe(join(dir, "mine"));
    expect(read("scenario: ../theirs/scenario.ts\n").scenario).toBe(join(dir, "..", "theirs", "scenario.ts"));
    expect(read("scenario: /srv/mine\n").scenario).toBe("/srv/mine");
    expect(faultsOf("scenario: mine\n")[0]).toContain("or the path of one of your own");
  });

  it("that cannot be read is a matter of usage", () => {
    expect(() => readDrillScript(join(dir, "nowhere.yaml"))).toThrow(
      expect.objectContaining({ code: "USAGE" }) as Error,
    );
  });
});

describe("passing", () => {
  const result = (more: Partial<Result> = {}, secondsToRestore: number | null = 60): Result => ({
    scenario: "uneven-weights",
    alias: "lantern",
    reported: { impactRatio: 0.3, status: "errors", minutes: 150 },
    measured: {
      failedRequestRatio: 0.3,
      affectedUserRatio: 0.3,
      statuses: {},
      secondsToDetect: 4,
      secondsToIdentify: 30,
      secondsToMitigate: 50,
      secondsToRestore,
      userMinutesLostPer1000: 300,
      projectedUserMinutesLostPer1000: 300,
    },
    inBand: true,
    impactSettled: true,
    check: "OK",
    durable: true,
    diagnosis: { component: "web", mechanism: "traffic-skewed", scope: "some-requests", correct: true },
    alerts: {
      page: "HighFailureRatio",
      secondsFromFirstFailure: 4,
      fired: [],
      falsePages: [],
      asExpected: true,
    },
    wrongActions: [],
    wrongBecause: [],
    minutesOnFalseLeads: 0,
    hints: 0,
    ...more,
  });
  const script = (pass: string) => read(`scenario: lantern\npass: ${pass}\n`);

  it("takes users that are well, a repair that lasts and the right cause, unless the script requires less", () => {
    expect(judgeScript(script("{}"), result())).toEqual({ passed: true, missed: [] });
    const poor = result({ durable: false, diagnosis: null });
    expect(judgeScript(script("{}"), poor).missed).toHaveLength(2);
    expect(judgeScript(script("{ durable: false, diagnosis: false }"), poor).passed).toBe(true);
    expect(
      judgeScript(script("{ durable: false, diagnosis: false }"), result({ check: "NO" })).missed,
    ).toEqual(["users are not well"]);
  });

  it("is neither passed nor failed where a measure left nothing to do, unless the lab could not be restored", () => {
    const prevented = { outcome: "prevented", outcomeBy: "measure:review", diagnosis: null } as const;
    expect(judgeScript(script("{}"), result(prevented))).toEqual({ passed: null, missed: [] });
    expect(judgeScript(script("{}"), result({ ...prevented, resetEqual: false })).passed).toBe(false);
  });

  it("lists one missed condition once: users who are not well imply neither quick nor lasting", () => {
    const all = script("{ restoreWithinMinutes: 1 }");
    expect(judgeScript(all, result({ check: "NO", durable: false }, null)).missed).toEqual([
      "users are not well",
    ]);
    expect(judgeScript(all, result({ durable: false })).missed).toEqual([
      "the repair does not outlast a restart",
    ]);
  });

  it("prints its terms beforehand: how long there is, and what it takes", () => {
    const terms = termsText(
      read(
        "scenario: lantern\ntimeLimitMinutes: 20\ngoOn: true\npass: { maxHints: 1, restoreWithinMinutes: 15, diagnosis: false }\n",
      ),
    );
    for (const part of ["20 min", "within 15 min", "outlasts a restart", "at most 1 hints", "you go on"])
      expect(terms).toContain(part);
    expect(terms).not.toContain("cause");
    expect(termsText(script("{}"))).toContain("no time limit");
  });

  it("is impossible in a lab that could not be restored", () => {
    expect(judgeScript(script("{}"), result({ resetEqual: true })).passed).toBe(true);
    expect(judgeScript(script("{}"), result({ resetEqual: false }))).toEqual({
      passed: false,
      missed: ["the lab could not be put back: something was done past it"],
    });
  });

  it("takes every limit, its own value included", () => {
    const limits = script("{ restoreWithinMinutes: 1, maxHints: 1, maxWrongActions: 1 }");
    expect(judgeScript(limits, result({ hints: 1, wrongActions: ["a"] })).passed).toBe(true);
    expect(judgeScript(limits, result({ hints: 2, wrongActions: ["a", "b"] }, 60.1)).missed).toHaveLength(3);
    expect(judgeScript(limits, result({}, null)).missed).toEqual(["users were not well within 1 min"]);
  });
});
