import { describe, expect, it } from "vitest";
import { affectedUsers } from "../../../lab/probe/affected.ts";
import { NOBODY, type ProbeRecord } from "../../../lab/probe/record.ts";

const sent = (
  user: number,
  sentAt: number,
  result: ProbeRecord["result"],
  route: ProbeRecord["route"] = "page",
) => ({ sentAt, user, route, result, status: undefined, backend: undefined, flag: undefined, durationMs: 1 });

describe("a user is affected", () => {
  it("when more than half of the requests to a route failed, not when exactly half did", () => {
    const half = [sent(1, 0, "ok"), sent(1, 1, "refused"), sent(1, 2, "ok"), sent(1, 3, "cut")];
    expect(affectedUsers(half, 0, 10)).toEqual(new Set());
    expect(affectedUsers([...half, sent(1, 4, "status")], 0, 10)).toEqual(new Set([1]));
  });

  it("by a single request, when it was the only one and failed", () => {
    expect(affectedUsers([sent(3, 5, "timeout")], 0, 10)).toEqual(new Set([3]));
  });

  it("by one route, however well the others do", () => {
    const records = [sent(1, 0, "ok"), sent(1, 1, "ok"), sent(1, 2, "ok"), sent(1, 3, "status", "login")];
    expect(affectedUsers(records, 0, 10)).toEqual(new Set([1]));
  });

  it("not by failures spread over routes that each work half of the time", () => {
    const records = (["page", "account"] as const).flatMap((route) => [
      sent(1, 0, "ok", route),
      sent(1, 1, "wrong", route),
    ]);
    expect(affectedUsers(records, 0, 10)).toEqual(new Set());
  });

  it("within the window alone, which has its start and not its end", () => {
    const records = [sent(1, 9, "cut"), sent(2, 10, "cut"), sent(3, 19, "cut"), sent(4, 20, "cut")];
    expect(affectedUsers(records, 10, 20)).toEqual(new Set([2, 3]));
  });

  it("not by the dependent API, whose calls are nobody's", () => {
    expect(affectedUsers([sent(NOBODY, 1, "status", "api")], 0, 10)).toEqual(new Set());
  });

  it("once, whatever the number of routes, and in any order of records", () => {
    const records = [sent(2, 3, "cut", "login"), sent(1, 2, "ok"), sent(2, 1, "cut")];
    expect(affectedUsers(records, 0, 10)).toEqual(new Set([2]));
    expect(affectedUsers(records.reverse(), 0, 10)).toEqual(new Set([2]));
  });
});
