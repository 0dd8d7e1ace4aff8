import { CodedError, messageOf } from "../../runtime/errors.ts";
import { WITHIN_MS } from "./waits.ts";
import type { Send } from "./http-trainee.ts";

/** Sends by `fetch`, as a page does; `base` is the lab's origin, or nothing for the page's own. Throws LAB_NOT_RUNNING. */
export const sendByFetch =
  (base: string): Send =>
  async ({ method, path, headers, body, waits, signal }) => {
    const late = AbortSignal.timeout(WITHIN_MS[waits]);
    try {
      const response = await fetch(`${base}${path}`, {
        method,
        headers,
        signal: signal === undefined ? late : AbortSignal.any([late, signal]),
        ...(body === undefined ? {} : { body }),
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      signal?.throwIfAborted();
      throw new CodedError("LAB_NOT_RUNNING", `the lab does not answer: ${messageOf(error)}`, {
        cause: error,
      });
    }
  };
