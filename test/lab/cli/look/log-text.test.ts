import { describe, expect, it } from "vitest";
import { jsonLine } from "../../../../lb/telemetry/access-line.ts";
import { logLineText } from "../../../../lab/cli/look/log-text.ts";

describe("a line of a log, for people", () => {
  it("shows time, level, message and fields of a unit's line", () => {
    expect(
      logLineText(
        '{"level":"info","time":"2026-03-01T15:04:05.123Z","unit":"web-1","role":"web","slots":4,"msg":"web-1 listens"}',
      ),
    ).toBe("15:04:05.123 info   web-1 listens  role=web slots=4");
  });

  it("quotes a field that has blanks, so that fields stay apart", () => {
    expect(
      logLineText('{"level":"fatal","time":"2026-03-01T15:04:05.123Z","err":"port is taken","msg":"x"}'),
    ).toContain('err="port is taken"');
  });

  it("shows the request, what became of it, and each attempt of an access line", () => {
    const line = jsonLine({
      at: Date.UTC(2026, 2, 1, 15, 4, 5, 123),
      requestId: "r1",
      listener: "public",
      route: "/",
      pool: "web",
      method: "GET",
      target: "/cart",
      host: "shop.test",
      peer: "127.0.0.1",
      peerPort: 1,
      status: 502,
      flag: "URX",
      state: "SC",
      origin: "balancer",
      attempts: [
        { upstream: "web-1", result: "refused" },
        { upstream: "web-2", result: "refused", pickedBecause: "retry-other" },
      ],
      queueMs: 0,
      connectMs: undefined,
      responseMs: undefined,
      totalMs: 11.7,
      bytesOut: 0,
    } as unknown as Parameters<typeof jsonLine>[0]);
    expect(logLineText(line)).toBe(
      "15:04:05.123 GET /cart -> 502 URX  web/web-2 (retry-other)  12 ms  after 2 attempts (web-1 refused, web-2 refused)",
    );
  });

  it.each(["plain text", '{"half":', "", "[1,2]"])("leaves %j as it is", (line) => {
    expect(logLineText(line)).toBe(line);
  });
});
