import { NONCE_FIELD, type Sign } from "../../runtime/answer-proof.ts";
import { createNonces } from "../../runtime/keys.ts";
import type { Random } from "../../runtime/random.ts";

export interface LoadRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** An endless supply of requests of random users to random pages, each with a nonce of its own. */
export function createRequestMix(
  config: {
    readonly users: { readonly count: number; readonly prefix: string };
    readonly pages: readonly string[];
    readonly mix: Readonly<Record<string, number>>;
  },
  random: Random,
  signNonce?: Sign,
): () => LoadRequest {
  const { users, pages, mix } = config;
  const weights = pages.map((page) => mix[page] ?? 1);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const nextNonce = createNonces(signNonce, random.below(0x1_0000_0000).toString(36));
  return () => ({
    path: page(),
    headers: {
      cookie: `user=${users.prefix}${random.below(users.count)}`,
      [NONCE_FIELD]: nextNonce(),
    },
  });

  function page(): string {
    let left = random.next() * total;
    for (const [i, weight] of weights.entries()) {
      left -= weight;
      if (left < 0) return pages[i] ?? "/";
    }
    return pages.at(-1) ?? "/";
  }
}
