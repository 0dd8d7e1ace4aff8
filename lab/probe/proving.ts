import { isProved, type Sign } from "../../runtime/answer-proof.ts";
import type { Keys } from "../../runtime/keys.ts";
import type { ProbeConfig } from "./config.ts";
import type { ProbeAnswer, ProbeRequest } from "./request.ts";

/** How the prober distinguishes an answer of this lab's backends from an imitation. */
export interface Proving {
  /** Makes nonces; absent: they can be predicted. */
  readonly nonce: Sign | undefined;
  isProved(
    request: Pick<ProbeRequest, "to" | "method" | "path">,
    nonce: string,
    answer: ProbeAnswer,
  ): boolean;
}

/** Undefined without keys: then any answer that carries the nonce back is accepted. */
export function createProving(
  { target, api }: Pick<ProbeConfig, "target" | "api">,
  { origin, way, nonce }: Keys,
): Proving | undefined {
  if (!origin || !way) return undefined;
  const keys = { origin, way };
  const places = { service: placeOf(target), api: placeOf(api?.target ?? target) };
  return {
    nonce,
    isProved: ({ to, method, path }, sent, answer) =>
      answer.kind === "answer" &&
      isProved(
        keys,
        { nonce: sent, method, target: path, at: places[to], direct: to === "api" },
        { status: answer.status, text: answer.body },
        answer.proofs,
      ),
  };
}

/** `HOST:PORT`, the port also where the URL leaves it out. */
function placeOf(base: string): string {
  const { hostname, port } = new URL(base);
  return `${hostname}:${port === "" ? "80" : port}`;
}
