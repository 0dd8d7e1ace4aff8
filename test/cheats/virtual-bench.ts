import type { HeaderList } from "../../lb/exchange.ts";
import { ask } from "../../lab/world/simulated/ask.ts";
import type { SimulatedWorld } from "../../lab/world/simulated/world.ts";
import type { Trainee } from "../../lab/trainee/trainee.ts";
import type { ConfigInput } from "../../scenarios/scenario.ts";
import type { CheatBench } from "./cheat.ts";
import { readPlain } from "../../runtime/yaml/read-plain.ts";

const byName = (headers: HeaderList): Record<string, string> => {
  const fields: Record<string, string> = {};
  for (let i = 0; i + 1 < headers.length; i += 2)
    fields[(headers[i] ?? "").toLowerCase()] = headers[i + 1] ?? "";
  return fields;
};

/** Where upstreams are by the balancer's configuration, and whether anything listens there. */
export async function upstreamsOf(
  trainee: Pick<Trainee, "config" | "ports">,
): Promise<{ name: string; port: number; isThere: boolean }[]> {
  const config = readPlain((await trainee.config()).yaml) as ConfigInput;
  const held = new Set((await trainee.ports()).flatMap(({ port, pid }) => (pid === undefined ? [] : [port])));
  return Object.values(config.pools)
    .flatMap(({ upstreams }) => upstreams)
    .map(({ name, address }) => {
      const port = Number(address.slice(address.lastIndexOf(":") + 1));
      return { name, port, isThere: held.has(port) };
    });
}

/** A cheat's means in virtual time. */
export function virtualBench(world: SimulatedWorld, trainee: Trainee): CheatBench {
  const { clock, network } = world;
  const own = network.attach("cheat");
  return {
    trainee,
    listener: 8080,
    spare: 9124,
    upstreams: () => upstreamsOf(trainee),
    async serve(port, program) {
      const stop = own.bind(port, (incoming) => {
        const { method, target, headers, body } = incoming.request;
        void program({ method, target, headers: byName(headers), body }).then((answer) => {
          if (answer)
            incoming.answer({
              status: answer.status,
              headers: Object.entries(answer.headers).flat(),
              body: answer.body,
            });
          else incoming.cut();
        });
      });
      return async () => stop();
    },
    async ask(port, { method, target, headers, body }) {
      const answer = await ask(own, clock, port, {
        method,
        target,
        headers: Object.entries(headers).flat(),
        body,
      });
      return typeof answer === "string"
        ? undefined
        : { status: answer.status, headers: byName(answer.headers), body: answer.body };
    },
  };
}
