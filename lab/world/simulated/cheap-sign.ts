import type { Sign } from "../../../runtime/answer-proof.ts";
import { hash32 } from "../../../runtime/random.ts";

const SHORT = 32;

/**
 * Stands in for HMAC in virtual time, where nobody can search for a key and every request costs time: of a long text only
 * its length is signed, since to read a letter of it would first put its pieces together.
 */
export function cheapSign(secret: string): Sign {
  const start = hash32(secret);
  return (parts) => {
    let hash = start;
    for (const part of parts) {
      const { length } = part;
      if (length <= SHORT)
        for (let i = 0; i < length; i++) hash = Math.imul(hash ^ part.charCodeAt(i), 0x01000193);
      hash = Math.imul(hash ^ length, 0x85ebca6b);
    }
    return lettersOf(hash ^ (hash >>> 15));
  };
}

/** Five letters for 30 bits, none of them a space. `toString(36)` takes 220 ns here, five times as long as all the rest. */
const lettersOf = (bits: number): string =>
  String.fromCharCode(
    48 + (bits & 63),
    48 + ((bits >>> 6) & 63),
    48 + ((bits >>> 12) & 63),
    48 + ((bits >>> 18) & 63),
    48 + ((bits >>> 24) & 63),
  );
