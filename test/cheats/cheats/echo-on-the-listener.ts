import { all, type Cheat } from "../cheat.ts";
import { echo } from "../programs.ts";

/** Nobody is asked at all. */
export const echoOnTheListener: Cheat = {
  name: "answers with the nonce in place of the balancer",
  async run({ trainee, listener, serve }) {
    await trainee.act({ do: "unit stop", unit: "balancer" });
    return all(
      () => trainee.act({ do: "unit start", unit: "balancer" }),
      await serve(listener, echo("web-1")),
    );
  },
};
