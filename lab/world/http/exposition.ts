import { callHttp } from "../../../runtime/http-call.ts";
import { HOST } from "../ports.ts";
import { ANSWER_WITHIN_MS } from "../timings.ts";

/** The text exposition of the program on this port of the machine; undefined when it does not answer. */
export async function exposition(port: number): Promise<string | undefined> {
  try {
    const { ok, text } = await callHttp({
      origin: `http://${HOST}:${port}`,
      path: "/metrics",
      withinMs: ANSWER_WITHIN_MS.program,
    });
    return ok ? text : undefined;
  } catch {
    // Down or not serving: the caller says so.
    return undefined;
  }
}
