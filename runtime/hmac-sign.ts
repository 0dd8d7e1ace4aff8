import { createHmac } from "node:crypto";
import type { Sign } from "./answer-proof.ts";

/** HMAC-SHA256 (RFC 2104) over the parts, each preceded by its length, so that different lists of parts never collide. */
export const hmacSign =
  (secret: string): Sign =>
  (parts) => {
    const hmac = createHmac("sha256", secret);
    for (const part of parts) hmac.update(`${part.length}:`).update(part);
    return hmac.digest("base64url");
  };
