import type { Sign } from "./answer-proof.ts";

/** What a run's keys are for: backends sign answers, the balancer signs ways, the prober makes unpredictable nonces. */
export const KEY_NAMES = ["origin", "way", "nonce"] as const;
export type KeyName = (typeof KEY_NAMES)[number];

/** The keys that a process was given, ready to sign with. */
export type Keys = { readonly [Name in KeyName]?: Sign };

/** One signer for each key that there is. */
export function keysOf(
  secrets: Readonly<Partial<Record<KeyName, string>>>,
  signer: (secret: string) => Sign,
): Keys {
  const keys: { [Name in KeyName]?: Sign } = {};
  for (const name of KEY_NAMES) {
    const secret = secrets[name];
    if (secret !== undefined) keys[name] = signer(secret);
  }
  return keys;
}

/** Nonces that cannot be predicted without the key. Without one, they are `prefix` and a number. */
export function createNonces(sign: Sign | undefined, prefix: string): () => string {
  let serial = 0;
  return sign === undefined ? () => `${prefix}-${serial++}` : () => sign([prefix, String(serial++)]);
}
