/**
 * Proofs of which backend gave an answer, and which way it came, for holders of the keys. A request asks for the proof by a
 * nonce; a backend signs what it answers, and the balancer signs from which upstream and through which listener
 * the answer came. Neither signs without a nonce.
 */

/** A keyed hash over some texts, in order. Without the key it can neither be made nor be distinguished from random text. */
export type Sign = (parts: readonly string[]) => string;

/** The request's header field with the nonce: fresh and unpredictable, else an answer could be prepared. */
export const NONCE_FIELD = "x-nonce";
/** The answer's header field in which its backend identifies itself: `ADDRESS SIGNATURE`. */
export const ORIGIN_FIELD = "x-origin-proof";
/** The answer's header field in which the balancer states the way: `UPSTREAM LISTENER SIGNATURE`. */
export const WAY_FIELD = "x-balancer-way";

/** The request that an answer belongs to. */
export interface Asked {
  readonly nonce: string;
  readonly method: string;
  /** Path and query, as sent. */
  readonly target: string;
}

export interface Said {
  readonly status: number;
  /** The whole body. */
  readonly text: string;
}

/** A backend's signature of its answer. `address` is its own, `HOST:PORT`, as an upstream is configured. */
export function originProof(sign: Sign, address: string, asked: Asked, said: Said): string {
  const { nonce, method, target } = asked;
  return `${address} ${sign([nonce, address, method, target, String(said.status), said.text])}`;
}

/** The balancer's signature of the way of an answer: the upstream's address and the listener's, both as they are configured. */
export function wayProof(sign: Sign, nonce: string, upstream: string, listener: string): string {
  return `${upstream} ${listener} ${sign([nonce, upstream, listener])}`;
}

export interface Proofs {
  readonly origin: string | undefined;
  readonly way: string | undefined;
}

export interface Verifier {
  readonly origin: Sign;
  readonly way: Sign;
}

/**
 * Whether a backend of this run gave this answer to this request, and it came through the balancer's listener at
 * `asked.at` (`HOST:PORT`, as the client has it) straight from that backend. With `direct`, whether the backend itself
 * listens there.
 */
export function isProved(
  { origin, way }: Verifier,
  asked: Asked & { readonly at: string; readonly direct?: boolean },
  said: Said,
  proofs: Proofs,
): boolean {
  const address = proofs.origin?.slice(0, proofs.origin.indexOf(" "));
  if (address === undefined || proofs.origin !== originProof(origin, address, asked, said)) return false;
  if (asked.direct === true) return isSame(address, asked.at);
  const [upstream = "", listener = ""] = proofs.way?.split(" ") ?? [];
  return (
    proofs.way === wayProof(way, asked.nonce, upstream, listener) &&
    isSame(address, upstream) &&
    isSame(listener, asked.at)
  );
}

/** Hosts that stand for the loopback address or, of a listener, for every address of its machine. */
const ANY_HOST: ReadonlySet<string> = new Set(["localhost", "0.0.0.0", "[::]"]);

/** Whether two notations mean the same address. */
function isSame(one: string, other: string): boolean {
  if (one === other) return true;
  const [a, b] = [one.lastIndexOf(":"), other.lastIndexOf(":")];
  return (
    one.slice(a) === other.slice(b) && (ANY_HOST.has(one.slice(0, a)) || ANY_HOST.has(other.slice(0, b)))
  );
}
