import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exposition, EXPOSITION_TYPE } from "../../runtime/metrics/exposition.ts";
import type { MetricRegistry } from "../../runtime/metrics/registry.ts";

/** Serves GET /metrics at this address (port 0: any) until the signal is aborted. Resolves with the port. */
export async function serveMetrics(
  registry: MetricRegistry,
  { host, port }: { readonly host: string; readonly port: number },
  lifetime: AbortSignal,
): Promise<number> {
  const server = createServer((request, response) => {
    if (request.method !== "GET" || request.url !== "/metrics") {
      response.writeHead(404).end();
      return;
    }
    exposition(registry).then(
      (text) => response.writeHead(200, { "content-type": EXPOSITION_TYPE }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  server.listen({ port, host, signal: lifetime });
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
