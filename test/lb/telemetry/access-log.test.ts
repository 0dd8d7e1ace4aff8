import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openAccessLog } from "../../../lb/telemetry/access-log.ts";
import { createIsoTime, haproxyLine, jsonLine } from "../../../lb/telemetry/access-line.ts";
import type { RequestRecord } from "../../../lb/balancer.ts";
import { systemClock } from "../../../runtime/clock.ts";
import { silentLog } from "../../../runtime/log.ts";

const RECORD: RequestRecord = {
  at: Date.UTC(2026, 10, 20, 3, 4, 5, 67),
  listener: "public",
  route: "public/0",
  pool: "web",
  attempts: [
    { upstream: "web-2", result: "refused", pickedBecause: "round-robin-turn" },
    { upstream: "web-1", result: "ok", pickedBecause: "retry-other" },
  ],
  method: "GET",
  target: "/cart?x=1",
  host: "shop.test",
  peer: "10.9.8.7",
  queueMs: 0.4,
  connectMs: 1.23456,
  responseMs: 20.6,
  totalMs: 30,
  bytesOut: 512,
  requestId: "r-1",
  status: 200,
  flag: "-",
  state: "--",
  reason: undefined,
  origin: "upstream",
};
const NOT_ROUTED: RequestRecord = {
  ...RECORD,
  route: "-",
  pool: "-",
  attempts: [],
  queueMs: undefined,
  connectMs: undefined,
  responseMs: undefined,
  status: 404,
  flag: "NR",
  state: "PR",
  reason: "no-route",
  origin: "balancer",
};

describe("a line of JSON", () => {
  it("has the timers, every attempt with why its upstream was picked, the flag, the state and the origin of the answer", () => {
    expect(JSON.parse(jsonLine(RECORD))).toEqual({
      time: "2026-11-20T03:04:05.067Z",
      requestId: "r-1",
      listener: "public",
      route: "public/0",
      pool: "web",
      upstream: "web-1",
      method: "GET",
      target: "/cart?x=1",
      host: "shop.test",
      peer: "10.9.8.7",
      protocol: "HTTP/1.1",
      status: 200,
      flag: "-",
      state: "--",
      reason: null,
      origin: "upstream",
      retries: 1,
      tries: [
        { upstream: "web-2", result: "refused", pickedBecause: "round-robin-turn" },
        { upstream: "web-1", result: "ok", pickedBecause: "retry-other" },
      ],
      queueMs: 0.4,
      connectMs: 1.235,
      responseMs: 20.6,
      totalMs: 30,
      bytesOut: 512,
    });
  });

  it("says why there was no answer, by which version it was asked for, and nothing of what could not be read", () => {
    expect(JSON.parse(jsonLine({ ...NOT_ROUTED, protocol: "HTTP/1.0" }))).toMatchObject({
      reason: "no-route",
      protocol: "HTTP/1.0",
    });
    expect(JSON.parse(jsonLine({ ...NOT_ROUTED, method: "-", target: "-" }))).toMatchObject({
      protocol: null,
    });
  });

  it("is null where a request never came to", () => {
    expect(JSON.parse(jsonLine(NOT_ROUTED))).toMatchObject({ upstream: null, connectMs: null, retries: 0 });
  });

  it("holds no character that could break the line or move a terminal's cursor", () => {
    const line = jsonLine({ ...RECORD, target: '/a\n"\u001b[31m\u009b\u007f\u2028', host: "x\r\ny" });
    expect(line).toMatch(/^[ -~]*$/);
    expect(JSON.parse(line)).toMatchObject({ target: '/a\n"\u001b[31m\u009b\u007f\u2028', host: "x\r\ny" });
  });
});

describe("what a line of JSON is put together from", () => {
  it("is what JSON itself would write, whatever the characters and the times", () => {
    const every = Array.from({ length: 0x2100 }, (_, code) => String.fromCharCode(code));
    for (const target of [...every, every.join(""), "\u{1f600}", "\ud800", ""])
      expect((JSON.parse(jsonLine({ ...RECORD, target })) as { target: string }).target).toBe(target);
    for (const totalMs of [0, 0.0004, 0.0005, 0.001, 0.01, 0.1, 0.9996, 1, 1.25, 12.3456, 999.9999, 1e9])
      expect(JSON.parse(jsonLine({ ...RECORD, totalMs }))).toHaveProperty(
        "totalMs",
        Math.round(totalMs * 1000) / 1000,
      );
  });

  it("prints the time as a date does, in whatever order moments come", () => {
    const timeOf = createIsoTime();
    for (const at of [RECORD.at, RECORD.at + 1, RECORD.at + 999, RECORD.at - 70, 0, 1_700_000_000_000.75])
      expect(timeOf(at)).toBe(new Date(at).toISOString());
  });
});

describe("a line as HAProxy writes it", () => {
  it("has its columns in their order", () => {
    expect(haproxyLine({ ...RECORD, peerPort: 51_234 })).toBe(
      '10.9.8.7:51234 [20/Nov/2026:03:04:05.067] public web/web-1 0/0/1/21/30 200 512 - - ---- 0/0/0/0/+1 0/0 "GET /cart?x=1 HTTP/1.1"',
    );
  });

  it("names no server and marks the timers when nobody was asked", () => {
    expect(haproxyLine(NOT_ROUTED)).toBe(
      '10.9.8.7:0 [20/Nov/2026:03:04:05.067] public public/<NOSRV> 0/-1/-1/-1/30 404 512 - - PR-- 0/0/0/0/0 0/0 "GET /cart?x=1 HTTP/1.1"',
    );
  });

  it("has the version that was asked by, and <BADREQ> for what could not be read", () => {
    expect(haproxyLine({ ...RECORD, protocol: "HTTP/1.0" })).toContain('"GET /cart?x=1 HTTP/1.0"');
    expect(haproxyLine({ ...NOT_ROUTED, method: "-", target: "-", protocol: undefined })).toMatch(
      / PR-- 0\/0\/0\/0\/0 0\/0 "<BADREQ>"$/,
    );
  });

  it("escapes what would end its quotes or its line", () => {
    expect(haproxyLine({ ...RECORD, target: '/a"b c#\n\u001b\u00e9' })).toContain(
      '"GET /a#22b#20c#23#0A#1B#E9 HTTP/1.1"',
    );
  });
});

describe("the access log", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "access-"));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it("has every line in its file once it is closed, after those that were there", async () => {
    const path = join(directory, "access.log");
    writeFileSync(path, "before\n");
    const access = openAccessLog(
      { path, format: "json" },
      { clock: systemClock, log: silentLog, onDropped: () => {} },
    );
    for (let i = 0; i < 5000; i++) access.write({ ...RECORD, requestId: `r-${i}` });
    await access.close();
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    expect(lines[0]).toBe("before");
    expect(lines.slice(1).map((line) => (JSON.parse(line) as { requestId: string }).requestId)).toEqual(
      Array.from({ length: 5000 }, (_, i) => `r-${i}`),
    );
  });

  it("drops and counts lines when the disk is full, and still closes", async () => {
    let dropped = 0;
    const deps = { clock: systemClock, log: silentLog, onDropped: (lines: number) => (dropped += lines) };
    const access = openAccessLog({ path: "/dev/full", format: "haproxy" }, deps);
    const long = { ...RECORD, target: `/${"x".repeat(4000)}` };
    for (let i = 0; i < 2000; i++) access.write(long);
    expect(dropped).toBeGreaterThan(500);
    await access.close();
    access.write(RECORD);
  });

  it("cannot be opened where there is no directory", () => {
    const path = join(directory, "missing", "access.log");
    expect(() =>
      openAccessLog({ path, format: "json" }, { clock: systemClock, log: silentLog, onDropped: () => {} }),
    ).toThrow("ENOENT");
  });
});
