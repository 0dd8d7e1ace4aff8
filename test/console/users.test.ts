import { describe, expect, it } from "vitest";
import {
  ceilingOf,
  cursorAfter,
  evenly,
  lineOf,
  peaks,
  ticksOf,
} from "../../dashboards/console/users/chart.ts";
import { marksOf, rowsOf } from "../../dashboards/console/users/marks.ts";
import { curlOf, requestOf } from "../../dashboards/console/users/request-of.ts";
import type { DrillEvent, JournalLine } from "../../lab/drill/events.ts";

const AT = "2026-11-30T22:11:54.000Z";
const line = (event: DrillEvent, seq = 1): JournalLine => ({ seq, at: AT, ...event });
const CHANGE = {
  id: "1",
  at: AT,
  kind: "config",
  by: "ops",
  summary: "maintenance",
  subjects: [],
  detail: "",
} as const;

describe("the chart of the users", () => {
  it("never draws a peak smaller than it was", () => {
    const samples = Array.from({ length: 1000 }, (_, i) => ({ at: i, value: i === 517 ? 1 : 0 }));
    const drawn = peaks(samples, 100);
    expect(drawn.length).toBeLessThanOrEqual(100);
    expect(drawn.some(({ value }) => value === 1)).toBe(true);
  });

  it("breaks its line where nothing is known", () => {
    const samples = [1, undefined, 2, 2].map((value, at) => ({ at, value }));
    const frame = { from: 0, to: 3, left: 0, width: 30 };
    expect(lineOf(samples, frame, { top: 0, base: 10, ceiling: 2 })).toBe("M0.0 5.0M20.0 0.0L30.0 0.0");
  });

  it("has round ends and round moments", () => {
    expect(ceilingOf([0.297, undefined], 0.02)).toBe(0.5);
    expect(ceilingOf([0], 0.02)).toBe(0.02);
    expect(ticksOf({ from: 61_000, to: 119_000 }, 6)).toEqual([70_000, 80_000, 90_000, 100_000, 110_000]);
  });

  it("has a cursor that keys move and that stays inside", () => {
    expect(cursorAfter("ArrowLeft", undefined, 10)).toBe(8);
    expect(cursorAfter("PageDown", 3, 10)).toBe(9);
    expect(cursorAfter("Home", 3, 10)).toBe(0);
    expect(cursorAfter("a", 3, 10)).toBeUndefined();
  });

  it("is a table of few rows, with the last", () => {
    const rows = evenly(
      Array.from({ length: 999 }, (_, i) => i),
      25,
    );
    expect(rows).toHaveLength(25);
    expect(rows.at(-1)).toBe(998);
  });
});

describe("marks", () => {
  it("show changes once somebody has looked at the change log", () => {
    const paged = line({ event: "paged", alert: "A", summary: "users fail" });
    expect(marksOf([paged], [CHANGE]).map(({ kind }) => kind)).toEqual(["page"]);
    const looked = line({ event: "looked", subject: "changes" });
    expect(marksOf([looked, paged], [CHANGE]).map(({ kind }) => kind)).toEqual(["change", "page"]);
  });

  it("say nothing of the moment of the change itself", () => {
    expect(marksOf([line({ event: "changed" })], [])).toEqual([]);
  });

  it("show a repair after an impact only", () => {
    const well = line({ event: "users", well: true, since: AT });
    const impact = line({ event: "impact", failedRatio: 1, affectedRatio: 1, firstFailureAt: AT });
    expect(marksOf([well], [])).toEqual([]);
    expect(marksOf([impact, well], []).map(({ kind }) => kind)).toEqual(["impact", "repair"]);
  });

  it("have names that do not lie on one another", () => {
    const places = [0, 5, 10, 100].map((x) => ({ x, width: 40 }));
    expect(rowsOf(places, 2)).toEqual([0, 1, undefined, 0]);
  });
});

describe("a request that is sent", () => {
  it("is of any user, and leaves out what is empty", () => {
    const empty = { method: "GET", path: "cart", user: "", cookie: "", body: "" } as const;
    expect(requestOf(empty)).toEqual({ method: "GET", path: "/cart" });
    expect(requestOf({ ...empty, user: "guest-17", cookie: "session=x", body: "a" })).toEqual({
      method: "GET",
      path: "/cart",
      cookie: "user=guest-17; session=x",
      body: "a",
    });
  });
});

describe("a request as a command", () => {
  const curl = (fields: Partial<Parameters<typeof requestOf>[0]>): string =>
    curlOf(
      requestOf({ method: "GET", path: "/", user: "", cookie: "", body: "", ...fields }),
      "127.0.0.1:8080",
    );

  it.each([
    [{}, "curl -i 'http://127.0.0.1:8080/'"],
    [{ user: "ada", cookie: "b=2" }, "curl -i -H 'Cookie: user=ada; b=2' 'http://127.0.0.1:8080/'"],
    [{ method: "POST", body: "it's" }, `curl -i --data-raw 'it'\\''s' 'http://127.0.0.1:8080/'`],
    [{ method: "PUT", path: "cart?a=1" }, "curl -i -X PUT 'http://127.0.0.1:8080/cart?a=1'"],
    [{ method: "GET", body: "b" }, "curl -i -X GET --data-raw 'b' 'http://127.0.0.1:8080/'"],
    [{ method: "HEAD" }, "curl -i -I 'http://127.0.0.1:8080/'"],
  ] as const)("of %j is %s", (fields, command) => {
    expect(curl(fields)).toBe(command);
  });
});
