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
export const originProof = (sign: Sign, address: string, asked: Asked, said: Said): string =>
  `${address} ${originSignature(sign, address, asked, said)}`;

/** The balancer's signature of the way of an answer: the upstream's address and the listener's, both as they are configured. */
export const wayProof = (sign: Sign, nonce: string, upstream: string, listener: string): string =>
  `${upstream} ${listener} ${sign([nonce, upstream, listener])}`;

const originSignature = (
  sign: Sign,
  address: string,
  { nonce, method, target }: Asked,
  { status, text }: Said,
): string => sign([nonce, address, method, target, String(status), text]);

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
  if (proofs.origin === undefined) return false;
  const stated = proofs.origin.indexOf(" ");
  const address = proofs.origin.slice(0, Math.max(0, stated));
  if (!endsWith(proofs.origin, stated, originSignature(origin, address, asked, said))) return false;
  if (asked.direct === true) return isSame(address, asked.at);
  if (proofs.way === undefined) return false;
  const first = proofs.way.indexOf(" ");
  const second = proofs.way.indexOf(" ", first + 1);
  if (first < 0 || second < 0) return false;
  const upstream = proofs.way.slice(0, first);
  const listener = proofs.way.slice(first + 1, second);
  return (
    endsWith(proofs.way, second, way([asked.nonce, upstream, listener])) &&
    isSame(address, upstream) &&
    isSame(listener, asked.at)
  );
}

/** Whether the rest of a proof, behind the space at this place, is this signature; nothing is allocated. */
const endsWith = (proof: string, space: number, signature: string): boolean =>
  space >= 0 && proof.length === space + 1 + signature.length && proof.endsWith(signature);

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
