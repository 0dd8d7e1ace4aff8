import { Agent, request as httpRequest } from "node:http";
import { NONCE_FIELD, ORIGIN_FIELD, WAY_FIELD } from "../../runtime/answer-proof.ts";
import type { ProbeAnswer, Send } from "./request.ts";

/** More than any true answer of the service has; the rest is not read. */
const BODY_LIMIT_BYTES = 65_536;

/**
 * Sends over real sockets. Every request has a connection of its own, so that no answer depends on how a kept
 * connection happened to end.
 */
export function createSocketSend(targets: {
  readonly service: string;
  readonly api?: string | undefined;
}): Send {
  const agent = new Agent({ keepAlive: false, maxSockets: Infinity });
  const bases = { service: endpoint(targets.service), api: endpoint(targets.api ?? targets.service) };
  return ({ to, method, path, cookie, nonce, body }, done) => {
    let over = false;
    let connected = false;
    // As a client that keeps connections: nothing distinguishes the prober's requests from the load's.
    const headers: Record<string, string> = { connection: "keep-alive", [NONCE_FIELD]: nonce };
    if (cookie !== undefined) headers["cookie"] = cookie;
    if (body !== undefined) {
      headers["content-type"] = "application/json";
      headers["content-length"] = String(Buffer.byteLength(body));
    }
    const call = httpRequest({ ...bases[to], method, path, agent, headers });
    call.on("socket", (socket) => socket.once("connect", () => (connected = true)));
    call.on("response", (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const answer = () => {
        finish({
          kind: "answer",
          status: response.statusCode ?? 0,
          flag: text(response.headers["x-balancer-flag"]),
          body: Buffer.concat(chunks).toString("utf8"),
          proofs: { origin: text(response.headers[ORIGIN_FIELD]), way: text(response.headers[WAY_FIELD]) },
        });
      };
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes <= BODY_LIMIT_BYTES) return;
        answer();
        call.destroy();
      });
      response.on("end", answer);
      response.on("error", () => finish({ kind: "cut" }));
    });
    // Whatever goes wrong before there is a connection is a refusal to the user; after that it is a cut.
    call.on("error", () => finish({ kind: connected ? "cut" : "refused" }));
    call.on("close", () => finish({ kind: "cut" }));
    call.end(body);
    return () => {
      over = true;
      call.destroy();
    };

    function finish(answer: ProbeAnswer) {
      if (over) return;
      over = true;
      done(answer);
    }
  };
}

const text = (field: string | string[] | undefined): string | undefined =>
  typeof field === "string" ? field : undefined;

function endpoint(base: string): { hostname: string; port: string } {
  const { hostname, port } = new URL(base);
  return { hostname: hostname.replace(/^\[|\]$/g, ""), port: port === "" ? "80" : port };
}
