import { describe, expect, it } from "vitest";
import { parseAccessLine } from "../../../lab/world/access-record.ts";
import { FAILURES } from "../../../lb/outcome.ts";
import { haproxyLine, jsonLine } from "../../../lb/telemetry/access-line.ts";
import { balanced } from "../../support/access-record.ts";

describe("a line of the access log", () => {
  it.each([
    ["of a request that went well", balanced()],
    [
      "of one that was tried twice, with hostile texts",
      balanced({
        target: '/"\u2028\n\\é',
        host: "\u0007",
        attempts: [
          { upstream: "web-1", result: "refused" },
          { upstream: "web-2", result: "5xx", pickedBecause: "retry-other" },
        ],
      }),
    ],
    [
      "of one that never came to an upstream",
      balanced({
        ...FAILURES.queueFull,
        origin: "balancer",
        attempts: [],
        queueMs: undefined,
        connectMs: undefined,
        responseMs: undefined,
      }),
    ],
  ])("%s is read as it was written", (_what, record) => {
    expect(parseAccessLine(jsonLine(record))).toMatchObject(record);
  });

  it.each([
    ["in HAProxy's format", haproxyLine(balanced())],
    ["torn", jsonLine(balanced()).slice(0, -20)],
    ["empty", ""],
    ["of another program", '{"level":"info"}'],
    ["a number", "7"],
    ["with a status in words", jsonLine(balanced()).replace('"status":200', '"status":"fine"')],
    ["with a time that is none", jsonLine(balanced()).replace(/"time":"[^"]*"/, '"time":"now"')],
    ["with a target without end", jsonLine(balanced({ target: "/".repeat(20_000) }))],
    [
      "with attempts without end",
      jsonLine(
        balanced({
          attempts: Array.from({ length: 500 }, () => ({ upstream: "web-1", result: "ok" as const })),
        }),
      ),
    ],
  ])("is none: %s", (_what, line) => expect(parseAccessLine(line)).toBeUndefined());
});
