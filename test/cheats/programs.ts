import type { CheatBench, Program } from "./cheat.ts";

const JSON_TYPE = { "content-type": "application/json; charset=utf-8" };

/** Answers as a backend of this name would, with the nonce, to any request. */
export const echo =
  (backend: string): Program =>
  async ({ target, headers, body }) => {
    const user = /user=([^;]+)/.exec(headers["cookie"] ?? "")?.[1];
    const login = body === undefined ? {} : { user: (JSON.parse(body) as { user: string }).user };
    const answer = {
      backend,
      role: "web",
      version: "4.2.0",
      nonce: headers["x-nonce"],
      ...(target === "/account" ? { user } : target === "/login" ? login : { page: target }),
    };
    return { status: 200, headers: JSON_TYPE, body: JSON.stringify(answer) };
  };

/** Passes everything on to the port that `next` returns, and back, header fields and all. */
export const relay =
  ({ ask }: Pick<CheatBench, "ask">, next: () => number): Program =>
  (request) =>
    ask(next(), request);

/** One after another, for ever. */
export function inTurn<T>(items: readonly T[]): () => T {
  let turn = 0;
  return () => {
    const item = items[turn++ % items.length];
    if (item === undefined) throw new Error("no item is left to take a turn");
    return item;
  };
}
