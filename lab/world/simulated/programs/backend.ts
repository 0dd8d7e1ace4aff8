import { parseBackendConfig } from "../../../../backends/config.ts";
import { runBackend } from "../../../../backends/run.ts";
import { createService } from "../../../../backends/service.ts";
import type { Dial } from "../../../../backends/call.ts";
import { closeWhenIdle } from "../closing.ts";
import { NONCE_FIELD } from "../../../../runtime/answer-proof.ts";
import { NO_PROOFS, proofsIn } from "../proofs.ts";
import type { NetworkEnd } from "../network.ts";
import type { Program } from "../process.ts";
import { serveService } from "../serve.ts";
import type { Scrapes } from "../scrapes.ts";

/** A toy backend: the live one's service on a modelled port. */
export const backendProgram =
  (scrapes: Scrapes): Program =>
  async ({ unit, network, promises, exit }) => {
    const config = parseBackendConfig(unit.config);
    const { host, port } = config;
    await runBackend(
      { ...unit, config },
      {
        exit,
        async start(_config, deps) {
          const service = createService(config, { ...deps, dial: createDial(network) });
          const unbind = network.bind(port, serveService(service), config.keepAlive);
          const forget = scrapes.publish(port, { registry: () => service.metrics.registry() });
          return {
            host,
            port,
            async close(graceMs) {
              unbind();
              forget();
              await closeWhenIdle(network, promises, graceMs);
              service.stop();
            },
          };
        },
      },
    );
  };

function createDial(network: NetworkEnd): Dial {
  const targets = new Map<string, { readonly host: string; readonly port: number; readonly name: string }>();
  function targetOf(base: string) {
    let target = targets.get(base);
    if (!target) {
      const { hostname, port, host } = new URL(base);
      targets.set(base, (target = { host: hostname, port: Number(port), name: host }));
    }
    return target;
  }
  return (base, path, done, nonce) => {
    const to = targetOf(base);
    const request = {
      method: "GET",
      target: path,
      headers: nonce === undefined ? ["host", to.name] : ["host", to.name, NONCE_FIELD, nonce],
      body: undefined,
    };
    const sent = network.send(to, request, {
      answered: ({ status, headers, body }) =>
        done({
          kind: "answer",
          status,
          text: body,
          proofs: nonce === undefined ? NO_PROOFS : proofsIn(headers),
        }),
      failed: (kind) =>
        done({
          kind: "failed",
          refused: kind === "refused",
          // The system's words, which end up in logs.
          reason: kind === "cut" ? "read ECONNRESET" : `connect ECONNREFUSED ${to.host}:${to.port}`,
        }),
    });
    return () => sent.leave();
  };
}
