import { all, type Cheat } from "../cheat.ts";
import { echo } from "../programs.ts";

/** Five lines of code where servers are missing. */
export const echoOnDeadUpstreams: Cheat = {
  name: "answers with the nonce on the ports of dead upstreams",
  async run({ upstreams, serve }) {
    const dead = (await upstreams()).filter(({ isThere }) => !isThere);
    return all(...(await Promise.all(dead.map(({ name, port }) => serve(port, echo(name))))));
  },
};
