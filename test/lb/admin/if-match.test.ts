import { expect, it } from "vitest";
import { versionsAllowed } from "../../../lb/admin/if-match.ts";

it.each([
  ["nothing", undefined],
  ["any version", "*"],
  ["any version, with space around it", "  * "],
])("an If-Match of %s allows all versions", (_what, condition) => {
  expect(versionsAllowed(condition)).toBeUndefined();
});

it.each<[string, number[]]>([
  ['"3"', [3]],
  ["3", [3]],
  ['  "12"\t', [12]],
  ['"1", "2",3', [1, 2, 3]],
  ['"123456789"', [123_456_789]],
])("an If-Match of %s allows the versions that it names", (condition, versions) => {
  expect(versionsAllowed(condition)).toEqual(versions);
});

it.each(["", '""', 'W/"3"', '"3"x', 'x"3"', '"three"', "-3", "3.0", '"1234567890"', "**", '"*"'])(
  "an If-Match of %s allows no version: it is no version's tag",
  (condition) => {
    expect(versionsAllowed(condition)).toEqual([]);
  },
);

it("an If-Match of several tags allows those that are versions' only", () => {
  expect(versionsAllowed('W/"1", "2", "a", *')).toEqual([2]);
});
