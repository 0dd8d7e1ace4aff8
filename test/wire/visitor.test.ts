import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createVisitor } from "../../lab/control/visitor.ts";
import { deadUpstream } from "../support/upstreams.ts";

let server: Server;
let answer: (request: IncomingMessage, body: string, response: ServerResponse) => void;

beforeEach(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => answer(request, body, response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const visitor = () => {
  const address = server.address();
  return createVisitor(`127.0.0.1:${typeof address === "object" && address ? address.port : 0}`);
};

describe("a visit", () => {
  it("goes out as it was given: method, path, cookie and body", async () => {
    let seen: unknown;
    answer = ({ method, url, headers }, body, response) => {
      seen = { method, url, cookie: headers.cookie, body };
      response.end("ok");
    };
    await visitor()({ path: "/cart?item=1", method: "POST", cookie: "session=u7; theme=dark", body: "n=1" });
    expect(seen).toEqual({
      method: "POST",
      url: "/cart?item=1",
      cookie: "session=u7; theme=dark",
      body: "n=1",
    });
  });

  it("comes back with status, flag, every header and the body", async () => {
    answer = (_request, _body, response) => {
      response.writeHead(503, {
        server: "lb",
        "x-balancer-flag": "UO",
        "set-cookie": ["a=1", "b=2"],
      });
      response.end("busy");
    };
    const { headers, ...rest } = await visitor()({ path: "/", method: "GET" });
    expect(rest).toEqual({ status: 503, server: "lb", flag: "UO", error: undefined, body: "busy" });
    expect(headers).toEqual(
      expect.arrayContaining([
        ["set-cookie", "a=1"],
        ["set-cookie", "b=2"],
      ]),
    );
  });

  it("shows the beginning of a long body", async () => {
    answer = (_request, _body, response) => response.end("x".repeat(200_000));
    expect((await visitor()({ path: "/", method: "GET" })).body).toHaveLength(64 * 1024);
  });

  it("without an answer says why", async () => {
    const { port } = await deadUpstream();
    expect(await createVisitor(`127.0.0.1:${port}`)({ path: "/", method: "GET" })).toEqual({
      status: undefined,
      server: undefined,
      flag: undefined,
      error: "ECONNREFUSED",
    });
  });
});
