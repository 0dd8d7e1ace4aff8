import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DrillEvent } from "../../../lab/drill/events.ts";
import { openJournalFile, type JournalFile } from "../../../lab/drill/journal-file.ts";
import { journalPath, openJournal } from "../../../lab/drill/journal.ts";
import { inspectJournal, readJournal } from "../../../lab/drill/read-journal.ts";
import { stateOf } from "../../../lab/drill/state.ts";
import { CodedError } from "../../../runtime/errors.ts";
import { createManualClock } from "../../support/manual-clock.ts";

let home: string;
let path: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "journal-"));
  path = journalPath(home, "d1");
});
afterEach(() => rmSync(home, { recursive: true }));

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return error instanceof CodedError ? error.code : `not coded: ${String(error)}`;
  }
  return "nothing was thrown";
};

describe("a drill's journal", () => {
  it("numbers its lines without a gap, and has each on the disk when it returns", () => {
    const clock = createManualClock(Date.UTC(2026, 0, 1));
    const journal = openJournal(path, clock);
    expect(journal.append({ event: "changed" })).toEqual({
      seq: 1,
      at: "2026-01-01T00:00:00.000Z",
      prev: null,
      event: "changed",
    });
    clock.advance(1500);
    journal.append({ event: "hinted", hint: 1 });
    expect(readJournal(path)).toEqual(journal.lines);
    expect(journal.lines.map(({ seq, at }) => [seq, at.slice(17)])).toEqual([
      [1, "00.000Z"],
      [2, "01.500Z"],
    ]);
    journal.close();
  });

  it("is readable by its owner only, and never shared with another drill", () => {
    const clock = createManualClock();
    openJournal(path, clock).close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(codeOf(() => openJournal(path, clock))).toBe("DISK");
  });

  it("takes nothing after it was closed, whose descriptor may be another file's by then", () => {
    const journal = openJournal(path, createManualClock());
    journal.append({ event: "changed" });
    journal.close();
    const other = join(home, "other");
    openSync(other, "w");
    expect(codeOf(() => journal.append({ event: "hinted", hint: 1 }))).toBe("DISK");
    expect(readFileSync(other, "utf8")).toBe("");
    expect(() => journal.close()).not.toThrow();
  });

  it.skipIf(!existsSync("/dev/full"))("fails with DISK on a full disk, and writes nothing any more", () => {
    const full = openSync("/dev/full", "a");
    const journal = openJournal(path, createManualClock(), (at) => ({
      ...openJournalFile(at),
      write: (bytes, offset) => writeSync(full, bytes, offset),
    }));
    expect(codeOf(() => journal.append({ event: "changed" }))).toBe("DISK");
    expect(() => journal.append({ event: "changed" })).toThrow("closed after a failed write");
    expect(journal.lines).toEqual([]);
    journal.close();
  });

  it("has synchronised each line to the disk before it returns", () => {
    const done: string[] = [];
    const watched = (at: string): JournalFile => {
      const file = openJournalFile(at);
      return {
        ...file,
        write(bytes, offset) {
          done.push("write");
          return file.write(bytes, offset);
        },
        sync() {
          done.push("sync");
          file.sync();
        },
      };
    };
    const journal = openJournal(path, createManualClock(), watched);
    journal.append({ event: "changed" });
    done.push("returned");
    journal.append({ event: "hinted", hint: 1 });
    expect(done).toEqual(["write", "sync", "returned", "write", "sync"]);
    journal.close();
  });

  it("writes on where the disk took a part of a line only", () => {
    const journal = openJournal(path, createManualClock(), (at) => {
      const file = openJournalFile(at);
      return { ...file, write: (bytes, offset) => file.write(bytes.subarray(0, offset + 7), offset) };
    });
    journal.append({ event: "hinted", hint: 1 });
    expect(readJournal(path)).toEqual(journal.lines);
    journal.close();
  });

  it.each([
    ["removed", () => rmSync(home, { recursive: true })],
    ["moved away", () => renameSync(path, `${path}.old`)],
    [
      "replaced",
      () => {
        const text = readFileSync(path);
        rmSync(path);
        writeFileSync(path, text);
      },
    ],
  ])("that was %s is lost: it takes nothing more, and says so", (_what, harm) => {
    const journal = openJournal(path, createManualClock());
    journal.append({ event: "changed" });
    expect(() => journal.assertKept()).not.toThrow();
    harm();
    expect(codeOf(() => journal.assertKept())).toBe("DISK");
    expect(() => journal.append({ event: "hinted", hint: 1 })).toThrow("since it was lost");
    journal.close();
    if (!existsSync(home)) openJournal(path, createManualClock()).close();
  });

  it("keeps both texts of a change, with what differs", () => {
    const journal = openJournal(path, createManualClock());
    const step = journal.keepChange("a: 1\n", "a: 2\n");
    expect(step).toMatchObject({
      before: journal.keepText("a: 1\n"),
      after: journal.keepText("a: 2\n"),
      diff: expect.stringContaining("+a: 2") as string,
    });
    journal.close();
    journal.close();
    expect(() => journal.keepText("a: 3\n")).toThrow("is closed with its drill");
  });

  it("keeps a text beside its lines under its hash, once", () => {
    const journal = openJournal(path, createManualClock());
    const hash = journal.keepText("pools: {}\n");
    expect(journal.keepText("pools: {}\n")).toBe(hash);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    const kept = join(home, "drills", "d1", "texts", hash);
    expect(readFileSync(kept, "utf8")).toBe("pools: {}\n");
    expect(statSync(kept).mode & 0o777).toBe(0o600);
    journal.close();
  });

  it("cannot be opened where nothing can be written", () => {
    writeFileSync(join(home, "drills"), "a file, where a folder is needed");
    expect(codeOf(() => openJournal(path, createManualClock()))).toBe("DISK");
  });
});

describe("reading a journal back", () => {
  const written = (count: number): void => {
    const journal = openJournal(path, createManualClock());
    for (let i = 1; i <= count; i++) journal.append({ event: "hinted", hint: i });
    journal.close();
  };

  it("leaves out a last line that was torn, at whatever byte", () => {
    written(2);
    const whole = readFileSync(path, "utf8");
    const firstEnd = whole.indexOf("\n") + 1;
    for (let bytes = firstEnd; bytes < whole.length; bytes++) {
      writeFileSync(path, whole.slice(0, bytes));
      expect(readJournal(path), `${bytes} bytes`).toHaveLength(1);
    }
  });

  it("trusts nothing behind a torn line or a gap in the numbers", () => {
    written(2);
    const [first = "", second = ""] = readFileSync(path, "utf8").split("\n");
    writeFileSync(path, `${first}\n${second.slice(0, 9)}\n${second}\n`);
    expect(readJournal(path)).toHaveLength(1);
    writeFileSync(path, `${first}\n${second.replace('"seq":2', '"seq":3')}\n`);
    expect(readJournal(path)).toHaveLength(1);
    writeFileSync(path, `${second}\n`);
    expect(readJournal(path)).toEqual([]);
  });

  it("takes neither null nor an empty line for an event", () => {
    written(1);
    appendFileSync(path, "null\n\n");
    expect(readJournal(path)).toHaveLength(1);
  });

  it("is nothing where there is none", () => {
    expect(readJournal(path)).toEqual([]);
  });

  it("is read where this lab wrote it, of its newest schema too, and where nothing was written yet", () => {
    const journal = openJournal(path, createManualClock());
    expect(inspectJournal(path)).toMatchObject({ lines: [], chained: true, damage: undefined });
    journal.append({ ...CREATED, schemaVersion: 2 });
    journal.append({ event: "hinted", hint: 1 });
    journal.close();
    expect(readJournal(path)).toHaveLength(2);
  });

  it("cannot be inspected where there is none", () => {
    rmSync(path, { force: true });
    expect(codeOf(() => inspectJournal(path))).toBe("NOT_FOUND");
  });

  it("is refused in a sentence when a newer lab wrote it", () => {
    const journal = openJournal(path, createManualClock());
    journal.append({ ...CREATED, schemaVersion: 3 });
    journal.close();
    expect(() => readJournal(path)).toThrow("was written by a newer lab: its schema is 3");
    expect(codeOf(() => readJournal(path))).toBe("ENVIRONMENT");
  });

  it("reads one of schema 1, whose lines carry no hashes", () => {
    const old = [CREATED, { event: "changed" }].map((event, i) =>
      JSON.stringify({ seq: i + 1, at: "2026-01-01T00:00:00.000Z", ...event }),
    );
    openJournal(path, createManualClock()).close();
    writeFileSync(path, `${old.join("\n")}\n`);
    expect(inspectJournal(path)).toMatchObject({ chained: false, damage: undefined, torn: false });
    expect(readJournal(path)).toHaveLength(2);
    expect(stateOf(readJournal(path)).context).toBeNull();
  });

  it("keeps an event that it does not know, which is no part of the drill's state", () => {
    const journal = openJournal(path, createManualClock());
    journal.append(CREATED);
    const before = stateOf(journal.lines);
    journal.append({ event: "applauded", by: "a later lab" } as never);
    journal.close();
    const lines = readJournal(path);
    expect(lines.map(({ event }) => event)).toEqual(["created", "applauded"]);
    expect(stateOf(lines)).toEqual(before);
  });
});

const CREATED = {
  event: "created",
  drill: "d1",
  alias: "lantern",
  seed: 1,
  sealed: "",
  timeLimitMs: null,
} as const satisfies DrillEvent;

describe("the chain over a journal's lines", () => {
  const written = (): string[] => {
    const journal = openJournal(path, createManualClock());
    for (let i = 1; i <= 4; i++) journal.append({ event: "hinted", hint: i });
    expect(inspectJournal(path)).toMatchObject({ head: journal.head, damage: undefined, chained: true });
    journal.close();
    return readFileSync(path, "utf8").split("\n").slice(0, -1);
  };
  const damaged = (lines: readonly string[]) => {
    writeFileSync(path, lines.map((line) => `${line}\n`).join(""));
    return inspectJournal(path).damage?.line;
  };

  it("shows an altered line at the next one, whose hash is of what was written", () => {
    const [a = "", b = "", c = "", d = ""] = written();
    expect(damaged([a, b.replace('"hint":2', '"hint":1'), c, d])).toBe(3);
  });

  it("shows lines that were taken out, put in or changed over", () => {
    const [a = "", b = "", c = "", d = ""] = written();
    expect(damaged([a, c, d])).toBe(2);
    expect(damaged([b, c, d])).toBe(1);
    expect(damaged([a, a, b])).toBe(2);
    expect(damaged([a, c, b, d])).toBe(2);
    // Numbered anew, the hash still shows it.
    expect(damaged([a, c.replace('"seq":3', '"seq":2'), d.replace('"seq":4', '"seq":3')])).toBe(2);
  });

  it("cannot show what is missing at the end: its head is another one then", () => {
    const [a = "", b = ""] = written();
    const whole = inspectJournal(path).head;
    expect(damaged([a, b])).toBeUndefined();
    expect(inspectJournal(path).head).not.toBe(whole);
  });
});
