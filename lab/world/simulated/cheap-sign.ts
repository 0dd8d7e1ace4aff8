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
    return ((hash ^ (hash >>> 15)) >>> 0).toString(36);
  };
}
