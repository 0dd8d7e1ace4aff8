import { all, type Cheat, type CheatAnswer, type CheatRequest } from "../cheat.ts";

/** A proved answer of a backend, given again to every request. */
export const answersKept: Cheat = {
  name: "true answers, kept and given again on the ports of dead upstreams",
  async run({ upstreams, serve, ask, listener }) {
    const kept = new Map<string, CheatAnswer>();
    const dead = (await upstreams()).filter(({ isThere }) => !isThere);
    /** Sends requests of other users until one reaches a backend that runs. */
    async function trueAnswer(request: CheatRequest): Promise<CheatAnswer | undefined> {
      const known = kept.get(request.target);
      if (known) return known;
      for (let i = 0; i < 50; i++) {
        const headers = { ...request.headers, cookie: `user=somebody-${i}`, "x-nonce": "kept" };
        const answer = await ask(listener, { ...request, headers });
        if (answer?.status !== 200 || answer.headers["x-origin-proof"] === undefined) continue;
        kept.set(request.target, answer);
        return answer;
      }
      return undefined;
    }
    return all(
      ...(await Promise.all(
        dead.map(({ port }) =>
          serve(port, async (request) => {
            // A request with it is the cheat's own, which reached a dead upstream.
            if (request.headers["x-nonce"] === "kept") return undefined;
            const answer = await trueAnswer(request);
            return (
              answer && {
                ...answer,
                body: answer.body.replace('"kept"', JSON.stringify(request.headers["x-nonce"] ?? null)),
              }
            );
          }),
        ),
      )),
    );
  },
};
