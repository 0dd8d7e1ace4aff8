import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../runtime/clock.ts";
import { createEngineSwitch } from "../../lb/transport/engine-switch.ts";
import { ENGINES, type EngineName } from "../../lb/transport/engines.ts";
import { createSocketsEngine } from "../../lb/transport/sockets.ts";
import type { UpstreamRequest, Transport } from "../../lb/transport/transport.ts";
import type { LiveExchange } from "../../lb/listener/exchange/live-exchange.ts";
import { createUndiciEngine } from "../../lb/transport/undici.ts";
import { during } from "../support/cleanup.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { recordingEvents, stubExchange } from "../support/stub-exchange.ts";
import { until } from "../support/until.ts";
import {
  answeringUpstream,
  deadUpstream,
  deafUpstream,
  echoUpstream,
  endingUpstream,
  rawUpstream,
  resettingUpstream,
  stalledUpstream,
  type TestUpstream,
} from "../support/upstreams.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

function engineOf(name: EngineName): Transport<LiveExchange> {
  return createEngineSwitch(name, { clock: systemClock });
}

function targetOf({ port }: TestUpstream) {
  return { host: "127.0.0.1", port };
}

describe.each(ENGINES)("the %s engine", (name) => {
  test("emits a whole answer in order, and a connection used again", async () => {
    const upstream = await during(answeringUpstream(`HTTP/1.1 102 Processing\r\n\r\n${OK}`));
    const engine = await during(engineOf(name));
    for (const connected of ["connected", "connected again"]) {
      const { events, log, ended } = recordingEvents();
      engine.send(targetOf(upstream), stubExchange(), ["host", "a"], events);
      expect(engine.counts(targetOf(upstream)).active).toBe(1);
      expect(await ended).toBe("end");
      expect(log).toEqual([connected, "inform 102", "head 200", "progress", "end"]);
      await until(() => engine.counts(targetOf(upstream)).idle === 1, "the connection to be kept");
    }
    expect(engine.counts(targetOf(upstream))).toEqual({ idle: 1, active: 0, reuses: 1 });
  });

  test("sends the headers it is given, repeats and all, and its own hop's", async () => {
    const upstream = await during(answeringUpstream(OK));
    const engine = await during(engineOf(name));
    const { events, ended } = recordingEvents();
    const headers = [
      "host",
      "shop.test",
      "X-A",
      "1",
      "Cookie",
      "a=1",
      "x-a",
      "2",
      "__proto__",
      "y",
      "X-L",
      "\xe9",
    ];
    engine.send(targetOf(upstream), stubExchange({ target: "/x" }), headers, events);
    await ended;
    const [line, ...fields] = (upstream.requests[0] ?? "").split("\r\n");
    expect(line).toBe("GET /x HTTP/1.1");
    const lower = fields.map((field) => field.replace(/^[^:]+/, (field) => field.toLowerCase()));
    const sent = lower.filter((field) => !field.startsWith("__proto__")).sort();
    expect(sent).toEqual(
      ["connection: keep-alive", "cookie: a=1", "host: shop.test", "x-a: 1", "x-a: 2", "x-l: \xe9"].sort(),
    );
  });

  test("a refused connection has sent and consumed nothing", async () => {
    const engine = await during(engineOf(name));
    const { events, log, ended } = recordingEvents();
    const body = Readable.from([Buffer.from("body")]);
    const exchange = stubExchange({ method: "POST" }, { body });
    engine.send(targetOf(await deadUpstream()), exchange, ["host", "a", "content-length", "4"], events);
    expect(await ended).toMatchObject({
      kind: "refused",
      requestSent: false,
      bodyConsumed: false,
      reused: false,
      headReceived: false,
    });
    expect(log).toEqual(["fail refused"]);
    expect(body.readableFlowing).not.toBe(true);
  });

  test("a reset after the request reports that it was sent, and how much of the body", async () => {
    const upstream = await during(resettingUpstream());
    const engine = await during(engineOf(name));
    const without = recordingEvents();
    engine.send(targetOf(upstream), stubExchange(), ["host", "a"], without.events);
    expect(await without.ended).toMatchObject({ kind: "reset", requestSent: true, bodyConsumed: false });
    const within = recordingEvents();
    const exchange = stubExchange({ method: "POST" }, { body: Readable.from([Buffer.from("body")]) });
    engine.send(targetOf(upstream), exchange, ["host", "a", "content-length", "4"], within.events);
    expect(await within.ended).toMatchObject({ kind: "reset", requestSent: true, bodyConsumed: true });
  });

  test("a reset of a connection used before is marked as such", async () => {
    let answers = 0;
    const upstream = await during(
      rawUpstream((socket) => void (answers++ === 0 ? socket.write(OK) : socket.resetAndDestroy())),
    );
    const engine = await during(engineOf(name));
    const first = recordingEvents();
    engine.send(targetOf(upstream), stubExchange(), ["host", "a"], first.events);
    await first.ended;
    await until(() => engine.counts(targetOf(upstream)).idle === 1, "the connection to be kept");
    const second = recordingEvents();
    engine.send(targetOf(upstream), stubExchange(), ["host", "a"], second.events);
    expect(await second.ended).toMatchObject({ kind: "reset", reused: true, requestSent: true });
  });

  test("what an exchange keeps of an answer is not written over by what comes after it", async () => {
    let more = () => {};
    const upstream = await during(
      rawUpstream((socket) => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n${"a".repeat(2000)}`);
        more = () => void socket.write("b".repeat(2000));
      }),
    );
    const engine = await during(engineOf(name));
    const { events, ended } = recordingEvents();
    const kept: Uint8Array[] = [];
    const exchange = stubExchange();
    exchange.write = (piece) => {
      if (kept.push(piece) === 1) more();
      return true;
    };
    engine.send(targetOf(upstream), exchange, ["host", "a"], events);
    expect(await ended).toBe("end");
    expect(Buffer.concat(kept).toString()).toBe("a".repeat(2000) + "b".repeat(2000));
  });

  test("an answer that is held up when its connection is reset fails alone", async () => {
    let reset = () => {};
    const upstream = await during(
      rawUpstream((socket) => {
        socket.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1000\r\n\r\nabc");
        reset = () => void socket.resetAndDestroy();
      }),
    );
    const engine = await during(engineOf(name));
    const { events, ended } = recordingEvents();
    engine.send(targetOf(upstream), stubExchange({}, { write: held }), ["host", "a"], events);
    function held() {
      reset();
      return false;
    }
    expect(await ended).toMatchObject({ kind: "reset", headReceived: true });
  });

  test.each(["on connecting", "on the head", "on the body"])(
    "an abort %s closes the connection",
    async (when) => {
      // Of which the rest never comes: behind a whole answer its connection would rightly be kept.
      const upstream = await during(answeringUpstream("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc"));
      const engine = await during(engineOf(name));
      let attempt: UpstreamRequest | undefined;
      let aborted = false;
      const abort = () => {
        aborted = true;
        attempt?.abort();
      };
      const { events, log } = recordingEvents({
        connected: () => when === "on connecting" && abort(),
        head: () => (when === "on the head" && abort(), true),
        progress: () => when === "on the body" && abort(),
      });
      attempt = engine.send(targetOf(upstream), stubExchange(), ["host", "a"], events);
      await until(() => aborted, "the moment to abort");
      expect(engine.counts(targetOf(upstream))).toEqual({ idle: 0, active: 0, reuses: 0 });
      const before = [...log];
      await until(() => upstream.accepted === 1 && upstream.open === 0, "the connection to be closed");
      expect(log).toEqual(before);
    },
  );

  test("a head that is declined ends the attempt without another event", async () => {
    const upstream = await during(answeringUpstream(OK));
    const engine = await during(engineOf(name));
    const { events, log } = recordingEvents({ head: () => false });
    engine.send(targetOf(upstream), stubExchange(), ["host", "a"], events);
    await until(() => upstream.accepted === 1 && upstream.open === 0, "the connection to be closed");
    expect(log).toEqual(["connected", "head 200"]);
    expect(engine.counts(targetOf(upstream)).active).toBe(0);
  });

  test("an abort while connecting ends the attempt and emits nothing", async () => {
    const deaf = await during(deafUpstream());
    const engine = await during(engineOf(name));
    const { events, log } = recordingEvents();
    const attempt = engine.send(targetOf(deaf), stubExchange(), ["host", "a"], events);
    attempt.abort();
    attempt.abort();
    const later = engine.send(targetOf(deaf), stubExchange(), ["host", "a"], events);
    await new Promise((resolve) => setImmediate(resolve));
    later.abort();
    expect(log).toEqual([]);
    expect(engine.counts(targetOf(deaf))).toEqual({ idle: 0, active: 0, reuses: 0 });
  });

  test("headers that cannot be sent fail the attempt, not the process", async () => {
    const upstream = await during(answeringUpstream(OK));
    const engine = await during(engineOf(name));
    const { events, ended } = recordingEvents();
    engine.send(targetOf(upstream), stubExchange(), ["host", "a", "X-A", "a\r\nb: c"], events);
    expect(await ended).toMatchObject({ requestSent: false });
    expect(engine.counts(targetOf(upstream)).active).toBe(0);
    expect(upstream.requests).toEqual([]);
  });

  test("a forgotten upstream's connections are closed, those in use as they end", async () => {
    let finish = () => {};
    const upstream = await during(
      rawUpstream((socket, head) => {
        if (head.includes("/slow")) finish = () => void socket.write(OK);
        else socket.write(OK);
      }),
    );
    const engine = await during(engineOf(name));
    const slow = recordingEvents();
    engine.send(targetOf(upstream), stubExchange({ target: "/slow" }), ["host", "a"], slow.events);
    const quick = recordingEvents();
    engine.send(targetOf(upstream), stubExchange(), ["host", "a"], quick.events);
    await quick.ended;
    await until(() => upstream.requests.length === 2, "both requests");
    await until(() => engine.counts(targetOf(upstream)).idle === 1, "the connection to be kept");
    engine.forget(targetOf(upstream));
    await until(() => upstream.open === 1, "the idle connection to be closed");
    finish();
    expect(await slow.ended).toBe("end");
    await until(() => upstream.open === 0, "the other connection to be closed");
  });

  test("a health check gets the status on a connection of its own, or why there is none", async () => {
    const engine = await during(engineOf(name));
    const echo = await during(echoUpstream());
    const checked = (upstream: TestUpstream) =>
      new Promise((resolve) =>
        engine.check(targetOf(upstream), { path: "/healthz", host: "shop.test" }, resolve),
      );
    expect(await checked(echo)).toEqual({ kind: "answered", status: 200, detail: "HTTP 200" });
    expect(echo.requests[0]).toMatch(/^GET \/healthz HTTP\/1.1/);
    expect(echo.requests[0]).toContain("Host: shop.test");
    await until(() => echo.open === 0, "the check's connection to be closed");
    expect(await checked(await deadUpstream())).toEqual({ kind: "refused", detail: "ECONNREFUSED" });
    const reset = await during(resettingUpstream());
    expect(await checked(reset)).toEqual({ kind: "reset", detail: "ECONNRESET" });
    const silent = await during(endingUpstream(""));
    expect(await checked(silent)).toEqual({ kind: "invalid", detail: "ECONNRESET" });
  });

  test("a health check that is cancelled emits nothing and closes its connection", async () => {
    const engine = await during(engineOf(name));
    const stalled = await during(stalledUpstream());
    const check = engine.check(targetOf(stalled), { path: "/" }, () => {
      throw new Error("a cancelled check must not report");
    });
    await until(() => stalled.open === 1, "the check to arrive");
    expect(check.connected).toBe(true);
    check.cancel();
    await until(() => stalled.open === 0, "the check's connection to be closed");
  });
});

test.each([
  ["sockets", createSocketsEngine],
  ["undici", createUndiciEngine],
] as const)("%s: an idle connection is closed on the clock it is given", async (_name, createEngine) => {
  const upstream = await during(answeringUpstream(OK));
  const clock = createManualClock();
  const engine = await during(createEngine({ clock, idleMs: 30_000 }));
  const { events, ended } = recordingEvents();
  engine.send(targetOf(upstream), stubExchange(), ["host", "a"], events);
  await ended;
  clock.advance(29_000);
  expect(engine.counts(targetOf(upstream)).idle).toBe(1);
  clock.advance(2000);
  expect(engine.counts(targetOf(upstream)).idle).toBe(0);
  await until(() => upstream.open === 0, "the connection to be closed");
  expect(clock.pending).toBe(0);
});

/** Of the ways in which an upstream can spoil a connection that idles, those by which its process need not know. */
const SPOILS = [
  ["an answer", (socket: Socket) => void socket.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")],
  ["an end", (socket: Socket) => void socket.end()],
  ["a reset", (socket: Socket) => void socket.resetAndDestroy()],
] as const;

describe.each(SPOILS)("%s on a connection that idles", (_what, spoil) => {
  test("sockets: is seen before a request that comes in the same turn is sent on it", async () => {
    const accepted: Socket[] = [];
    const upstream = await during(
      rawUpstream((socket) => {
        if (!accepted.includes(socket)) accepted.push(socket);
        socket.write(OK);
      }),
    );
    const engine = await during(createSocketsEngine({ clock: systemClock }));
    const first = recordingEvents();
    engine.send(targetOf(upstream), stubExchange(), ["host", "a"], first.events);
    await first.ended;
    const second = recordingEvents();
    let body = "";
    const exchange = stubExchange();
    exchange.write = (piece) => {
      body += Buffer.from(piece).toString();
      return true;
    };
    // A timer's turn: what has come by then is polled for before the turn ends.
    setTimeout(() => {
      if (accepted[0]) spoil(accepted[0]);
      engine.send(targetOf(upstream), exchange, ["host", "a"], second.events);
    }, 0);
    expect(await second.ended).toBe("end");
    expect(second.log[0]).toBe("connected");
    expect(body).toBe("ok");
    expect(upstream.requests).toHaveLength(2);
    expect(engine.counts(targetOf(upstream))).toEqual({ idle: 1, active: 0, reuses: 0 });
  });
});
