import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { againLine } from "../../../../lab/cli/drill/again.ts";
import { integrityText, showDebrief } from "../../../../lab/cli/records/past-debrief.ts";
import { drillGiven, historyOf, solvedBy } from "../../../../lab/cli/records/records.ts";
import { checkInstallation } from "../../../../lab/cli/lab/doctor-checks.ts";
import { inspectInstallation } from "../../../../lab/cli/lab/installation.ts";
import { withoutIds, type Output } from "../../../../lab/cli/output.ts";
import { chosen } from "../../../../lab/cli/drill/start.ts";
import { missingTexts, scenarioText } from "../../../../lab/cli/drill/scenario-texts.ts";
import { traineeFrom } from "../../../../lab/cli/drill/trainee.ts";
import type { DrillEvent, JournalLine } from "../../../../lab/drill/events.ts";
import type { Measure } from "../../../../lab/measures/measure.ts";
import { journalPath, openJournal } from "../../../../lab/drill/journal.ts";
import { nextAttempt } from "../../../../lab/drill/past-drills.ts";
import { recordOf } from "../../../../lab/drill/record.ts";
import { SCENARIOS } from "../../../../scenarios/index.ts";
import { unevenWeights } from "../../../../scenarios/uneven-weights/scenario.ts";
import { createDrillBench, REPAIR } from "../../../support/fake-drill.ts";
import { createManualClock } from "../../../support/manual-clock.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..", "..");
const CONTEXT = { user: "ada", trainee: "Ada L.", world: "live", version: "0.1.0", attempt: 1 } as const;

let home: string;
beforeEach(() => (home = mkdtempSync(join(tmpdir(), "records-"))));
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** A whole drill's lines: looks, a step past the lab, one that changes the configuration, a hint, a diagnosis, an end. */
async function lines(): Promise<readonly JournalLine[]> {
  const bench = createDrillBench({ id: "d1", context: CONTEXT });
  bench.world.versions = ["weight: 1\n", "weight: 9\n"];
  await bench.runUntil("impact");
  await bench.pass(12_000);
  bench.drill.looked("changes");
  bench.world.outside({ action: "kill -KILL web-2", subject: "web-2", by: "unknown", message: "killed" });
  bench.drill.hint();
  bench.drill.diagnose({ component: "web", mechanism: "traffic-skewed", scope: "some-requests" });
  const repair = bench.world.onAct;
  bench.world.onAct = async (step) => {
    bench.world.versions.push("weight: 1\n");
    return repair(step);
  };
  await bench.drill.act(REPAIR);
  await bench.check();
  bench.drill.end();
  await bench.until("reset");
  return bench.journal.lines;
}

/** A drill whose change a measure reverted. */
async function caughtLines(): Promise<readonly JournalLine[]> {
  const undoing: Measure = {
    name: "auto-rollback",
    begin: ({ act, clock, sight }) => {
      clock.after(30_000, () => void act(REPAIR, sight.changes()[0]));
      return {};
    },
  };
  const bench = createDrillBench({ id: "d1", context: CONTEXT, measures: [undoing] });
  await bench.runUntil("reset");
  return bench.journal.lines;
}

/** The same drill on the disk, up to its first line of this kind, which is left out. */
const kept = async (id: string, until?: DrillEvent["event"]): Promise<string> =>
  written(id, await lines(), until);

function written(id: string, all: readonly JournalLine[], until?: DrillEvent["event"]): string {
  const end = until === undefined ? all.length : all.findIndex(({ event }) => event === until);
  const clock = createManualClock(Date.parse(all[0]?.at ?? ""));
  const path = journalPath(home, id);
  const journal = openJournal(path, clock);
  for (const { seq: _seq, at, ...event } of all.slice(0, end)) {
    clock.advance(Math.max(0, Date.parse(at) - clock.wall()));
    journal.append(event);
  }
  journal.close();
  return path;
}

function captured(json = false): Output & { readonly printed: string[] } {
  const printed: string[] = [];
  return {
    json,
    interactive: false,
    width: Infinity,
    printed,
    print: (text) => void printed.push(text),
    printJson: (value) => void printed.push(JSON.stringify(value)),
    note: () => {},
  };
}

const debrief = async (given: string | undefined, flags = {}, json = false): Promise<string> => {
  const output = captured(json);
  await showDebrief(given, flags, {
    output,
    settings: { home, portBase: 23_800, world: "live", notify: {} },
    signal: new AbortController().signal,
    dist: join(ROOT, "dist"),
    root: ROOT,
    version: "0.1.0",
  });
  return output.printed.join("\n");
};

describe("a drill's record", () => {
  it("has trainee, time, scenario, world, reason of the end, and every act, with times", async () => {
    const record = recordOf(await lines(), { path: "p", head: "h" });
    expect(record).toMatchObject({
      schemaVersion: 1,
      state: "ended",
      alias: "lantern",
      user: "ada",
      trainee: "Ada L.",
      attempt: 1,
      world: "live",
      version: "0.1.0",
      endReason: "asked",
      stopped: null,
    });
    expect(Date.parse(record.ended ?? "")).toBeGreaterThan(Date.parse(record.begun));
    const events = record.timeline.map(({ event }) => event);
    for (const event of ["changed", "page", "look", "outside", "hint", "diagnosis", "action", "check", "end"])
      expect(events).toContain(event);
    const action = record.timeline.find(({ event }) => event === "action");
    expect(action).toMatchObject({ by: "trainee", detail: "config rollback 1: done" });
    expect(action?.seconds).toBeGreaterThan(12);
    expect(JSON.stringify(record)).not.toContain("uneven");
  });

  it("of a drill that was killed is unfinished and has no end", async () => {
    const all = await lines();
    const record = recordOf(all.slice(0, 8), { path: "p", head: "h" });
    expect(record).toMatchObject({ state: "unfinished", ended: null, endReason: null, seconds: null });
  });

  it("shows what it does not know as it is", () => {
    const line = { seq: 1, at: new Date(0).toISOString(), event: "applauded", by: "somebody" } as never;
    expect(recordOf([line], { path: "", head: null }).timeline).toMatchObject([
      { event: "unknown", detail: '{"event":"applauded","by":"somebody"}' },
    ]);
  });
});

describe("the history", () => {
  it("shows the outcome of each drill: it lasts, is void, or was killed", async () => {
    await kept("20260101T000000Z-aaaa");
    await kept("20260102T000000Z-bbbb", "diagnosed");
    const path = await kept("20260103T000000Z-cccc", "diagnosed");
    const { lines: before, head } = { lines: readFileSync(path, "utf8"), head: "" };
    expect([before.length > 0, head]).toEqual([true, ""]);
    expect(
      historyOf(home).map(({ drill, outcome, alias, whole }) => [drill.slice(-4), outcome, alias, whole]),
    ).toEqual([
      ["aaaa", "lasts", "lantern", true],
      ["bbbb", "killed", "lantern", true],
      ["cccc", "killed", "lantern", true],
    ]);
    expect(nextAttempt(home, "lantern", "Ada L.")).toBe(4);
    expect(nextAttempt(home, "lantern", "Bob")).toBe(1);
    expect(nextAttempt(home, "juniper", "Ada L.")).toBe(1);
  });

  it("and its debrief show that a measure caught it, and who did what", async () => {
    written("d1", await caughtLines());
    expect(historyOf(home)).toMatchObject([{ outcome: "caught", wrongActions: 0 }]);
    const text = await debrief("d1");
    expect(text).toContain("Caught: measure:auto-rollback undid the change.");
    expect(text).toContain("mitigate (by measure:auto-rollback)");
    expect(text).toMatch(/CAUGHT .* \[measure:auto-rollback\]/);
    expect(text).toMatch(/step .* config rollback 1: done \[measure:auto-rollback\]/);
    expect(JSON.parse(await debrief("d1", {}, true))).toMatchObject({
      endReason: "caught",
      result: { outcome: "caught", outcomeBy: "measure:auto-rollback" },
    });
  });

  it("says which record is damaged, and its verification where", async () => {
    const path = await kept("d1");
    writeFileSync(path, readFileSync(path, "utf8").replace('"hint":1', '"hint":0'));
    expect(historyOf(home)).toMatchObject([{ whole: false }]);
    expect(integrityText(drillGiven("d1", home))).toMatch(/DAMAGED at line \d+/);
  });

  it("distinguishes a torn last line from damage", async () => {
    const path = await kept("d1", "diagnosed");
    appendFileSync(path, '{"seq":');
    expect(integrityText(drillGiven("d1", home))).toContain("its last line is cut off");
  });

  it("finds a drill by how its id begins, the last one without, and says what is meant by too little", async () => {
    await kept("20260101-a", "paged");
    await kept("20260102-b", "paged");
    expect(drillGiven(undefined, home).id).toBe("20260102-b");
    expect(drillGiven("20260101", home).id).toBe("20260101-a");
    expect(() => drillGiven("2026", home)).toThrow(expect.objectContaining({ code: "USAGE" }));
    expect(() => drillGiven("1999", home)).toThrow(expect.objectContaining({ code: "NOT_FOUND" }));
  });
});

describe("the debrief of the past", () => {
  it("shows a drill that ended in full, with its times and what was changed", async () => {
    await kept("d1");
    const text = await debrief(undefined);
    for (const part of [
      unevenWeights.title,
      "past lab",
      "[unknown]",
      "hint 1: ",
      unevenWeights.hints[0] ?? "no hint",
      "config rollback 1",
      "lines; whole)",
    ])
      expect(text).toContain(part);
  });

  it("never reveals the scenario of a drill without a result, unless requested", async () => {
    await kept("d1", "diagnosed");
    const text = await debrief("d1");
    expect(text).toContain("npx lblab --dir");
    expect(text).toContain("start lantern --seed 1");
    expect(text).not.toContain(unevenWeights.title);
    expect(text).not.toContain("uneven");
    expect(await debrief("d1", { answer: true })).toContain(unevenWeights.title);
  });

  it("shows one of an earlier lab, too, whose result has fewer fields", async () => {
    const path = await kept("d1");
    const old = readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const { prev: _prev, schemaVersion: _version, ...rest } = JSON.parse(line) as Record<string, unknown>;
        const {
          wrongBecause: _because,
          impactSettled: _settled,
          ...result
        } = (rest["result"] ?? {}) as Record<string, Record<string, unknown>>;
        delete result["measured"]?.["projectedUserMinutesLostPer1000"];
        return JSON.stringify(rest["event"] === "debriefed" ? { ...rest, result } : rest);
      });
    writeFileSync(path, `${old.join("\n")}\n`);
    const text = await debrief("d1");
    expect(text).toContain(unevenWeights.title);
    expect(text).toContain("its lines carry no hashes");
  });

  it("is a draft of a postmortem in Markdown", async () => {
    await kept("d1");
    const text = await debrief("d1", { markdown: true });
    for (const part of ["# Postmortem: ", "## Impact", "## Timeline", "| --- |", "## Root cause", "- [ ] "])
      expect(text).toContain(part);
    await kept("d2", "diagnosed");
    expect(await debrief("d2", { markdown: true })).not.toContain(unevenWeights.title);
  });

  it("is JSON for tools: the record, the result, and whether it is whole", async () => {
    await kept("d1");
    expect(JSON.parse(await debrief("d1", {}, true))).toMatchObject({
      schemaVersion: 1,
      state: "ended",
      scenario: { id: "uneven-weights" },
      result: { check: "OK" },
      integrity: { whole: true, chained: true, damage: null },
    });
  });
});

describe("who drills", () => {
  it("is the name that was given, then LBLAB_TRAINEE, then the account", () => {
    const { user } = traineeFrom(undefined, {});
    expect(traineeFrom(undefined, {}).trainee).toBe(user);
    expect(traineeFrom(undefined, { LBLAB_TRAINEE: "Ada" })).toEqual({ user, trainee: "Ada" });
    expect(traineeFrom("Bob", { LBLAB_TRAINEE: "Ada" }).trainee).toBe("Bob");
  });

  it("is a plain line: what would move a cursor is taken out", () => {
    expect(traineeFrom("A\u001b[2Jda\n", {}).trainee).toBe("A [2Jda");
  });
});

describe("the line that does it again", () => {
  it("names the place only where it is another one, and quotes what a shell would read", () => {
    const here = { home: "/w/.lab", portBase: undefined, world: "live", notify: {} } as const;
    expect(againLine(["start", "lantern"], here, "/w")).toBe("npx lblab start lantern");
    expect(
      againLine(["start", "./my incident"], { ...here, home: "/x", portBase: 9000, world: "docker" }, "/w"),
    ).toBe("npx lblab --dir /x --port-base 9000 start './my incident' --world docker");
  });
});

describe("a blind start", () => {
  it("prefers what its trainee has not repaired for good yet", async () => {
    await kept("d1");
    const solved = solvedBy("Ada L.", home);
    expect([...solved]).toEqual(["lantern"]);
    expect([...solvedBy("Bob", home)]).toEqual([]);
    const given = await Promise.all(
      Array.from({ length: 40 }, (_, seed) => chosen(undefined, { all: false, seed, solved }, ROOT)),
    );
    const aliases = new Set(given.flat().map(({ scenario }) => scenario.alias));
    expect(aliases).toEqual(new Set(["overture", "juniper", "thistle", "harvest"]));
    const all = new Set(SCENARIOS.map(({ alias }) => alias));
    expect(await chosen(undefined, { all: false, seed: 1, solved: all }, ROOT)).toHaveLength(1);
  });
});

describe("an installation", () => {
  it("is whole here: everything that is read at run time is there", () => {
    const { missing, remedy } = inspectInstallation(ROOT, join(ROOT, "dist"));
    expect(missing.filter((name) => !name.startsWith("the program"))).toEqual([]);
    expect(remedy).toContain("npm run build");
  });

  it("that is not whole is reported by the doctor, without a word that names an incident", () => {
    const installation = inspectInstallation(home, join(home, "dist"));
    const { missing, remedy } = installation;
    expect(missing).toContain('brief.md of "lantern"');
    expect(missing).toContain("dashboards/alerts");
    expect(missing).toContain("the program balancer");
    // Without a lock of its own it is a package, which has nothing to build.
    expect(remedy).not.toContain("build");
    const check = checkInstallation(installation);
    expect(check.status).toBe("block");
    for (const { id } of SCENARIOS) expect(JSON.stringify(check)).not.toContain(id);
  });

  it("has bugs whose stacks name no incident either", () => {
    expect(withoutIds("at x (/w/dist/scenarios/uneven-weights/scenario.js:1:1)")).toBe(
      "at x (/w/dist/scenarios/lantern/scenario.js:1:1)",
    );
  });
});

describe("a text that is missing", () => {
  it("is reported by the incident's alias: its path would name it", () => {
    const incident = { scenario: unevenWeights, folder: join(home, "uneven-weights") };
    expect(missingTexts(incident)).toEqual(["brief.md", "answer.md"]);
    try {
      scenarioText(incident, "brief.md");
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: "ENVIRONMENT", hint: expect.stringContaining("doctor") as string });
      expect(String(error)).toContain('"lantern"');
      expect(String(error)).not.toContain("uneven");
    }
  });
});
