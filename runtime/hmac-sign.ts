import { createHmac } from "node:crypto";
import type { Sign } from "./answer-proof.ts";

/** HMAC-SHA256 (RFC 2104) over the parts, each behind its length, so that no two lists of parts look alike. */
export const hmacSign =
  (secret: string): Sign =>
  (parts) => {
    const hmac = createHmac("sha256", secret);
    for (const part of parts) hmac.update(`${part.length}:`).update(part);
    return hmac.digest("base64url");
  };
