/**
 * Who gave an answer, and which way it came, so that whoever holds the keys can tell it from an imitation. A request asks for
 * the proof by a nonce; a backend signs what it answers, and the balancer signs from which upstream and through which listener
 * the answer came. Neither says anything of a request without a nonce.
 */

/** A keyed hash over some texts, in order. Without the key nobody can make it or tell it from chance. */
export type Sign = (parts: readonly string[]) => string;

/** The request's header field: fresh and unpredictable, or an answer could be prepared. */
export const NONCE_FIELD = "x-nonce";
/** The answer's header field in which its backend says who it is: `ADDRESS SIGNATURE`. */
export const ORIGIN_FIELD = "x-origin-proof";
/** The answer's header field in which the balancer says the way: `UPSTREAM LISTENER SIGNATURE`. */
export const WAY_FIELD = "x-balancer-way";

/** What an answer is an answer to. */
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

/** A backend's word for its answer. `address` is its own, `HOST:PORT`, as an upstream is configured. */
export function originProof(sign: Sign, address: string, asked: Asked, said: Said): string {
  const { nonce, method, target } = asked;
  return `${address} ${sign([nonce, address, method, target, String(said.status), said.text])}`;
}

/** The balancer's word for the way of an answer: the upstream's address and the listener's, both as they are configured. */
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
 * Whether a backend of this run gave this answer to this question, and it came through the balancer's listener at
 * `asked.at` (`HOST:PORT`, as whoever asked knows it) straight from that backend. With `direct`, whether the backend itself
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

/** Whether two ways to write an address mean the same place. */
function isSame(one: string, other: string): boolean {
  if (one === other) return true;
  const [a, b] = [one.lastIndexOf(":"), other.lastIndexOf(":")];
  return (
    one.slice(a) === other.slice(b) && (ANY_HOST.has(one.slice(0, a)) || ANY_HOST.has(other.slice(0, b)))
  );
}
