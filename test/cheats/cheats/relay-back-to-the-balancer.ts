import { all, type Cheat } from "../cheat.ts";
import { relay } from "../programs.ts";

/** What reached a dead upstream is sent to the balancer again, until it goes somewhere else. */
export const relayBackToTheBalancer: Cheat = {
  name: "relays on the ports of dead upstreams that ask the balancer again, as another user",
  async run(bench) {
    const dead = (await bench.upstreams()).filter(({ isThere }) => !isThere);
    const again = relay(bench, () => bench.listener);
    let turn = 0;
    return all(
      ...(await Promise.all(
        dead.map(({ port }) =>
          bench.serve(port, (request) => {
            const cookie = `user=somebody-${turn++ % 50}`;
            return again({ ...request, headers: { ...request.headers, cookie } });
          }),
        ),
      )),
    );
  },
};
