import { all, type Cheat } from "../cheat.ts";
import { echo } from "../programs.ts";

/** An imitation on the listener's port; no backend is called. */
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
