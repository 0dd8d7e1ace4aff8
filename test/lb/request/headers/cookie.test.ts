import { describe, expect, it } from "vitest";
import { cookieValue } from "../../../../lb/request/headers/cookie.ts";

describe("a cookie's value", () => {
  it.each([
    ["lb=u1", "u1"],
    ["a=1; lb=u1; b=2", "u1"],
    ["a=1;lb=u1", "u1"],
    ["xlb=no; lb=u1; lb=u2", "u1"],
    ["lbx=no; lb = no; lb=u1 ", "u1"],
    ["a=lb=no; lb=x=y", "x=y"],
    ["lb=", ""],
    ["lb", undefined],
    ["a=1", undefined],
    ["; ;;", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("is read from %j as %j", (header, value) => {
    expect(cookieValue(header, "lb")).toBe(value);
  });
});
