import type { ResponseHead } from "../exchange.ts";

/**
 * What is wrong with the head of a final answer that a parser let through, if anything: such a one cannot be passed on.
 * A status beyond all classes (RFC 9110, 15), or a coding that is not taken off here, without which the body would be
 * something else to the client (RFC 9112, 6.1).
 */
export function headFault({ status, headers }: Pick<ResponseHead, "status" | "headers">): string | undefined {
  if (status < 200 || status > 599) return `a final answer with status ${status}`;
  let coding: string | undefined;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i];
    if (name === undefined || name.length !== CODING.length || name.toLowerCase() !== CODING) continue;
    if (coding !== undefined) return "more than one Transfer-Encoding";
    coding = headers[i + 1] ?? "";
  }
  if (coding !== undefined && coding.toLowerCase() !== "chunked") return `Transfer-Encoding: ${coding}`;
  return undefined;
}

const CODING = "transfer-encoding";
