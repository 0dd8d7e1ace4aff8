import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { callHttp, NoAnswerInTime } from "../../runtime/http-call.ts";

const open: Server[] = [];
const sockets = new Set<Socket>();

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await Promise.all(open.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

async function listening(server: Server): Promise<string> {
  open.push(server);
  server.on("connection", (socket: Socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const serving = (answer: RequestListener): Promise<string> => listening(createHttpServer(answer));
/** Accepts, reads, and sends nothing but these bytes. */
const saying = (bytes: string): Promise<string> =>
  listening(createServer((socket) => socket.on("error", () => {}).write(bytes)));

const WITHIN_MS = 10_000;

describe("a call over HTTP", () => {
  it("sends method, path, headers and body, and reads the answer whole", async () => {
    const origin = await serving((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString("utf8")));
      request.on("end", () => {
        response.writeHead(201, { "x-seen": request.headers["x-given"] });
        response.end(`${request.method} ${request.url} ${body}`);
      });
    });
    const answer = await callHttp({
      origin,
      path: "/a?b=c",
      method: "PUT",
      headers: { "x-given": "here" },
      body: "täxt",
      withinMs: WITHIN_MS,
    });
    expect(answer).toMatchObject({ status: 201, ok: true, text: "PUT /a?b=c täxt" });
    expect(answer.headers["x-seen"]).toBe("here");
  });

  it("keeps no connection for the next one", async () => {
    const origin = await serving((request, response) => response.end(request.headers.connection));
    expect((await callHttp({ origin, path: "/", withinMs: WITHIN_MS })).text).toBe("close");
    const [socket] = sockets;
    if (socket && !socket.destroyed) await once(socket, "close");
    expect(Array.from(sockets, ({ destroyed }) => destroyed)).toEqual([true]);
  });

  it("takes an answer of any status for one, and follows no redirect", async () => {
    const origin = await serving((_request, response) =>
      response.writeHead(302, { location: "/other" }).end("elsewhere"),
    );
    const answer = await callHttp({ origin, path: "/", withinMs: WITHIN_MS });
    expect(answer).toMatchObject({ status: 302, ok: false, text: "elsewhere" });
  });

  it("rejects with the system's error where nothing listens", async () => {
    const origin = await serving(() => {});
    await new Promise((resolve) => open.splice(0)[0]?.close(resolve));
    await expect(callHttp({ origin, path: "/", withinMs: WITHIN_MS })).rejects.toMatchObject({
      code: "ECONNREFUSED",
    });
  });

  it.each([
    ["no answer comes", ""],
    ["an answer begins and does not end", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"],
  ])("gives up at its deadline when %s", async (_what, bytes) => {
    const origin = await saying(bytes);
    const call = callHttp({ origin, path: "/", withinMs: 50 });
    await expect(call).rejects.toBeInstanceOf(NoAnswerInTime);
    await expect(call).rejects.toThrow("no answer within 0.05 s");
  });

  it("rejects with the reason of its signal, before it is made and while it waits", async () => {
    const origin = await saying("");
    const reason = new Error("enough");
    await expect(
      callHttp({ origin, path: "/", withinMs: WITHIN_MS, signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
    const stop = new AbortController();
    const call = callHttp({ origin, path: "/", withinMs: WITHIN_MS, signal: stop.signal });
    stop.abort(reason);
    await expect(call).rejects.toBe(reason);
  });

  it("reads no more than it may", async () => {
    const origin = await serving((_request, response) => response.end("x".repeat(2000)));
    await expect(callHttp({ origin, path: "/", withinMs: WITHIN_MS, maxBytes: 1000 })).rejects.toThrow(
      "the answer has more than 1000 bytes",
    );
    expect((await callHttp({ origin, path: "/", withinMs: WITHIN_MS, maxBytes: 2000 })).ok).toBe(true);
  });

  it("rejects an answer that is cut before its end", async () => {
    const origin = await listening(
      createServer((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")),
    );
    await expect(callHttp({ origin, path: "/", withinMs: WITHIN_MS })).rejects.toMatchObject({
      code: "ECONNRESET",
    });
  });
});
