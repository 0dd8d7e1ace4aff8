import { all, type Cheat } from "../cheat.ts";
import { relay } from "../programs.ts";

/** A relay between the balancer and a real backend. */
export const backendMovedBehindARelay: Cheat = {
  name: "a backend moved to another port, and a relay where it was",
  async run(bench) {
    const { trainee, spare } = bench;
    const one = (await bench.upstreams()).find(({ isThere }) => isThere);
    if (!one) throw new Error("no backend is there");
    const { name: unit, port } = one;
    const moveTo = async (to: number): Promise<void> => {
      await trainee.act({ do: "unit config", unit, set: { port: String(to) } });
      await trainee.act({ do: "unit restart", unit });
    };
    await moveTo(spare);
    const stop = await bench.serve(
      port,
      relay(bench, () => spare),
    );
    return all(() => moveTo(port), stop);
  },
};
