import { probeConfig } from "../../../probe/config.ts";
import type { ProbeAnswer, Send } from "../../../probe/request.ts";
import { runProbe } from "../../../probe/run.ts";
import { headerValue } from "../../../../lb/exchange.ts";
import { NONCE_FIELD } from "../../../../runtime/answer-proof.ts";
import { proofsIn } from "../proofs.ts";
import type { NetworkEnd, Outcome, WireAnswer } from "../network.ts";
import type { Program } from "../process.ts";
import type { Scrapes } from "../scrapes.ts";

const REFUSED: ProbeAnswer = { kind: "refused" };
const CUT: ProbeAnswer = { kind: "cut" };

/** The prober: the live population on the modelled network. */
export const probeProgram =
  (scrapes: Scrapes): Program =>
  async ({ unit, network }) => {
    const config = probeConfig.parse(unit.config);
    await runProbe(
      { ...unit, config },
      {
        send: createNetworkSend(network, { service: config.target, api: config.api?.target }),
        async publish(registry, { port }) {
          network.bind(port, (incoming) => incoming.cut());
          scrapes.publish(port, { registry: () => registry });
          return port;
        },
      },
    );
  };

function createNetworkSend(
  network: Pick<NetworkEnd, "send">,
  targets: { readonly service: string; readonly api: string | undefined },
): Send {
  const places = { service: place(targets.service), api: place(targets.api ?? targets.service) };
  return ({ to, method, path, cookie, nonce, body }, done) => {
    const target = places[to];
    // A literal for what is sent most often: an array that grows takes room for seventeen more.
    const headers =
      cookie === undefined
        ? ["host", target.name, NONCE_FIELD, nonce]
        : ["host", target.name, NONCE_FIELD, nonce, "cookie", cookie];
    if (body !== undefined) headers.push("content-type", "application/json");
    const sent = network.send(target, { method, target: path, headers, body }, new Reported(done));
    return () => sent.leave();
  };
}

/** A class: every request has one. */
class Reported implements Outcome {
  private readonly done: (answer: ProbeAnswer) => void;

  constructor(done: (answer: ProbeAnswer) => void) {
    this.done = done;
  }

  answered({ status, headers, body, said }: WireAnswer): void {
    this.done({
      kind: "answer",
      status,
      flag: headerValue(headers, "x-balancer-flag"),
      body,
      said,
      proofs: proofsIn(headers),
    });
  }

  failed(kind: "refused" | "unreachable" | "cut"): void {
    this.done(kind === "cut" ? CUT : REFUSED);
  }
}

function place(base: string): { readonly host: string; readonly port: number; readonly name: string } {
  const { hostname, port, host } = new URL(base);
  return { host: hostname, port: Number(port === "" ? 80 : port), name: host };
}
