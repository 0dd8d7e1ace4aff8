import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { refuseDuringDrill } from "../../lab/cli/spoilers.ts";
import { journalPath, openJournal, type Journal } from "../../lab/drill/journal.ts";
import { claimRunDir, type RunDir } from "../../lab/world/run/run-dir.ts";
import { runningLabs } from "../../lab/world/run/running-labs.ts";
import { systemClock as clock } from "../../runtime/clock.ts";

let home: string;
let elsewhere: string;
let runDir: RunDir;
let journal: Journal;

beforeEach(async () => {
  [home, elsewhere] = [mkdtempSync(join(tmpdir(), "guard-")), mkdtempSync(join(tmpdir(), "guard-"))] as const;
  runDir = await claimRunDir({ home, base: 31_000, ports: [31_000], pid: process.pid }, { clock });
  journal = openJournal(journalPath(home, "d1"), clock);
});
afterEach(() => {
  journal.close();
  runDir.release();
  for (const dir of [home, elsewhere]) rmSync(dir, { recursive: true, force: true });
});

const settings = (of: string, portBase?: number) =>
  ({ home: of, portBase, world: "live", notify: {} }) as const;

/** A request from another directory. Other labs on this machine do not matter here. */
const refusal = (of: string, portBase?: number): string => {
  try {
    refuseDuringDrill(settings(of, portBase));
    return "none";
  } catch (error) {
    expect(error).toMatchObject({ code: "SPOILER", hint: "npx lblab end finishes it" });
    return String(error);
  }
};

describe("what would reveal a drill's answer", () => {
  beforeEach(() => {
    journal.append({
      event: "created",
      schemaVersion: 2,
      drill: "d1",
      alias: "lantern",
      seed: 1,
      sealed: "",
      timeLimitMs: null,
    });
    runDir.noteDrill("d1");
  });

  it.each([
    ["with its own settings", () => refusal(home, 31_000)],
    ["with another base port", () => refusal(home, 9999)],
    ["with another directory", () => refusal(elsewhere)],
    ["with both", () => refusal(elsewhere, 9999)],
  ])("is refused while the drill runs, %s", (_how, request) => {
    expect(request()).toContain("a drill is running");
    expect(refusal(home, 31_000)).toContain(`base port 31000, ${home}`);
    expect(runningLabs([])).toContainEqual(expect.objectContaining({ base: 31_000, drill: "d1" }));
  });

  it("is refused with every lab that drills named", async () => {
    const second = await claimRunDir(
      { home: elsewhere, base: 32_000, ports: [32_000], pid: process.pid },
      { clock },
    );
    second.noteDrill("d2");
    try {
      const said = refusal(home, 31_000);
      expect(said).toContain(`base port 31000, ${home}`);
      expect(said).toContain(`base port 32000, ${elsewhere}`);
    } finally {
      second.release();
    }
  });

  it("is refused also when the drill's journal is gone: it may still be in the middle of it", () => {
    rmSync(join(home, "drills"), { recursive: true });
    expect(refusal(elsewhere)).toContain("a drill is running");
  });

  it.each([
    ["void", { event: "void", reason: "interrupted", because: "interrupted" }],
    ["refused", { event: "refused", reason: "users were not well", because: "not-steady" }],
  ] as const)("is given once the drill is %s", (_what, last) => {
    journal.append(last);
    expect(refusal(elsewhere)).not.toContain("31000");
  });

  it("is given when the lab has ended in the middle of its drill", () => {
    runDir.release();
    expect(refusal(elsewhere)).not.toContain("31000");
    expect(runningLabs([])).not.toContainEqual(expect.objectContaining({ base: 31_000 }));
  });
});

describe("a lab that is up without a drill", () => {
  it("reveals nothing", () => {
    expect(runningLabs([])).toContainEqual(expect.objectContaining({ base: 31_000, drill: undefined }));
    expect(refusal(elsewhere)).not.toContain("31000");
  });
});
