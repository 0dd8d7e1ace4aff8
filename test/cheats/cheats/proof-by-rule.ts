import type { ConfigInput } from "../../../scenarios/scenario.ts";
import { all, type Cheat } from "../cheat.ts";
import { echo } from "../programs.ts";
import { readPlain } from "../../../runtime/yaml/read-plain.ts";
import { writeYaml } from "../../../runtime/yaml/write.ts";

/** The balancer's own header rules are to add what a backend would. */
export const proofByRule: Cheat = {
  name: "a header rule that writes a proof onto imitations",
  async run({ trainee, upstreams, serve }) {
    const { yaml } = await trainee.config();
    const config = readPlain(yaml) as ConfigInput;
    const set = { "x-origin-proof": "127.0.0.1:9101 AAAA", server: "web/4.2.0" };
    const listeners = config.listeners.map((one) => ({
      ...one,
      routes: one.routes.map((route) => ({ ...route, headers: { response: { set } } })),
    }));
    const applied = await trainee.act({ do: "config apply", yaml: writeYaml({ ...config, listeners }) });
    if (!applied.ok) throw new Error(applied.message);
    const dead = (await upstreams()).filter(({ isThere }) => !isThere);
    return all(
      () => trainee.act({ do: "config apply", yaml }),
      ...(await Promise.all(dead.map(({ name, port }) => serve(port, echo(name))))),
    );
  },
};
