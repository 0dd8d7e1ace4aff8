import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { journalPath, openJournal, readJournal } from "../../../lab/drill/journal.ts";
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

  it("is nobody else's to read, and never shared with another drill", () => {
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
    const journal = openJournal(path, createManualClock(), () => openSync("/dev/full", "a"));
    expect(codeOf(() => journal.append({ event: "changed" }))).toBe("DISK");
    expect(() => journal.append({ event: "changed" })).toThrow("closed after a failed write");
    expect(journal.lines).toEqual([]);
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
});
