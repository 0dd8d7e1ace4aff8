import { z } from "zod";

/** The `key` setting of policies that hash: what of a request the hash is taken of. */
export const keyOption = z
  .string()
  .regex(
    /^(cookie:[^\s;,=]+|header:[!#$%&'*+.^_`|~0-9A-Za-z-]+|peer)$/,
    "must be cookie:NAME, header:NAME or peer",
  )
  .describe("What the hash is taken of. A request without it is spread at random.");
