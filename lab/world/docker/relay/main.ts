import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { z } from "zod";
import { aborted } from "../../../../runtime/aborted.ts";
import { runUnit } from "../../../../runtime/unit-process.ts";

/** The relay's configuration. */
const relayConfig = z.strictObject({
  name: z.string().min(1),
  port: z.int().min(0).max(65_535),
  /** A text exposition that the supervisor writes again and again. */
  metricsFile: z.string().min(1),
});

/** Metrics that the supervisor has not written for so long are out of date. */
const STALE_MS = 10_000;
const MAX_BODY_BYTES = 1024 * 1024;

/**
 * The lab's part inside the Compose network, as the supervisor outside cannot be reached from there: exposes the supervisor's
 * metrics of units and changes to Prometheus, and passes Alertmanager's notifications to the supervisor.
 */
runUnit(
  (raw) => relayConfig.parse(raw),
  async ({ config, clock, lifetime, ready, send }) => {
    const server = createServer((request, response) => {
      if (request.method === "GET" && request.url === "/metrics") {
        response.setHeader("content-type", "text/plain; version=0.0.4; charset=utf-8");
        response.end(current(config.metricsFile, clock.wall()));
      } else if (request.method === "POST" && request.url === "/webhook")
        takeNotification(request, response, send);
      else response.writeHead(404).end();
    });
    server.listen(config.port, "0.0.0.0");
    await once(server, "listening");
    const address = server.address();
    ready({ port: typeof address === "object" && address ? address.port : config.port });
    await aborted(lifetime);
    server.close();
    server.closeAllConnections();
  },
);

function current(file: string, now: number): string {
  try {
    return now - statSync(file).mtimeMs > STALE_MS ? "" : readFileSync(file, "utf8");
  } catch {
    return ""; // no supervisor: Compose by itself
  }
}

const notification = z.looseObject({ version: z.literal("4"), alerts: z.array(z.looseObject({})) });

function takeNotification(
  request: IncomingMessage,
  response: ServerResponse,
  send: (message: { readonly type: string; readonly notification: unknown }) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  request.on("data", (chunk: Buffer) => {
    size += chunk.length;
    // More may have come in the same read as what was over the limit.
    if (response.writableEnded) return;
    if (size > MAX_BODY_BYTES) response.writeHead(413, { connection: "close" }).end();
    else chunks.push(chunk);
  });
  request.on("end", () => {
    if (response.writableEnded) return;
    const payload = notification.safeParse(jsonOf(Buffer.concat(chunks).toString("utf8")));
    if (!payload.success) {
      response.writeHead(400).end();
      return;
    }
    send({ type: "notification", notification: payload.data });
    response.writeHead(204).end();
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
