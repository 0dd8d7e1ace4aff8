import type { ConfigInput } from "../../../scenarios/scenario.ts";
import { all, type Cheat } from "../cheat.ts";
import { relay } from "../programs.ts";
import { readPlain } from "../../../runtime/yaml/read-plain.ts";
import { writeYaml } from "../../../runtime/yaml/write.ts";

/** Tries until an answer is a good one, and so hides what the balancer does. */
export const relayBeforeTheBalancer: Cheat = {
  name: "the balancer moved to another port, and a relay that asks it until it answers well",
  async run(bench) {
    const { trainee, listener, spare } = bench;
    const { yaml } = await trainee.config();
    const config = readPlain(yaml) as ConfigInput;
    const moved = config.listeners.map((one) => ({ ...one, bind: `127.0.0.1:${spare}` }));
    await trainee.act({ do: "config apply", yaml: writeYaml({ ...config, listeners: moved }) });
    const once = relay(bench, () => spare);
    let turn = 0;
    const stop = await bench.serve(listener, async (request) => {
      for (;;) {
        const answer = await once(request);
        if (answer && answer.status < 500) return answer;
        request = { ...request, headers: { ...request.headers, cookie: `user=somebody-${turn++ % 50}` } };
      }
    });
    return all(() => trainee.act({ do: "config apply", yaml }), stop);
  },
};
