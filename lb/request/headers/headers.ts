import { WAY_FIELD } from "../../../runtime/answer-proof.ts";
import type { HeaderList } from "../../exchange.ts";
import type { HeaderEdit } from "./header-edit.ts";

/** The balancer's own entry in `via` (RFC 9110, 7.6.3). */
export const VIA = "1.1 lblab";

/**
 * Fields that belong to one connection (RFC 9110, 7.6.1), whether `Connection` names them or not. `trailer` is among
 * them because it may only be sent where the body is chunked, which is decided anew on each side. An answer's trailers
 * themselves are relayed, a request's are dropped (as RFC 9110, 6.5.1, allows): not every engine can send them. `expect` is here because the server that accepts the request answers it.
 */
const HOP_BY_HOP = new Set([
  "connection",
  "expect",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  // Written by each hop about its own connection: what another hop wrote is not passed on.
  WAY_FIELD,
]);

/** Naming these in `Connection` must not remove them: who did would change what the upstream takes the request for. */
const END_TO_END = new Set(["content-length", "host"]);

/** Fields that frame a message, name its receiver or belong to one connection, by their lower-case name. */
export const isConnectionField = (name: string): boolean => HOP_BY_HOP.has(name) || END_TO_END.has(name);

/**
 * Copies header fields without those of one connection. `drop` names further ones (lower case) to leave out. Names,
 * order and repeats stay.
 */
export function endToEnd(headers: HeaderList, drop: (name: string) => boolean = never): string[] {
  const named = namedByConnection(headers);
  const kept: string[] = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const field = headers[i] ?? "";
    const name = field.toLowerCase();
    if (HOP_BY_HOP.has(name) || named?.has(name) || drop(name)) continue;
    kept.push(field, headers[i + 1] ?? "");
  }
  return kept;
}

/** Every value of a field by its lower-case name, split at commas. */
export function listValues(headers: HeaderList, name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const field = headers[i] ?? "";
    if (field.length !== name.length || field.toLowerCase() !== name) continue;
    for (const part of (headers[i + 1] ?? "").split(",")) {
      const value = part.trim();
      if (value !== "") values.push(value);
    }
  }
  return values;
}

/** What the balancer adds to the head of an upstream's answer. */
export interface AnswerFields {
  /** Keeps the upgrade of a 101. */
  readonly tunnel?: boolean;
  /** The sticky cookie. */
  readonly setCookie?: string | undefined;
  /** The way that the answer came, signed. */
  readonly way?: string | undefined;
  readonly edit?: HeaderEdit | undefined;
}

/** The head of an upstream's answer as the client gets it. */
export function answerHeaders(
  headers: HeaderList,
  { tunnel, setCookie, way, edit }: AnswerFields = {},
): string[] {
  const kept = endToEnd(headers, edit?.drops);
  if (edit) kept.push(...edit.appended);
  kept.push("via", VIA);
  if (way !== undefined) kept.push(WAY_FIELD, way);
  if (tunnel === true) {
    const protocol = listValues(headers, "upgrade").join(", ");
    kept.push("connection", "Upgrade");
    if (protocol !== "") kept.push("upgrade", protocol);
  }
  if (setCookie !== undefined) kept.push("set-cookie", setCookie);
  return kept;
}

function namedByConnection(headers: HeaderList): Set<string> | undefined {
  let named: Set<string> | undefined;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const field = headers[i] ?? "";
    if (field.length !== 10 || field.toLowerCase() !== "connection") continue;
    for (const part of (headers[i + 1] ?? "").split(",")) {
      const name = part.trim().toLowerCase();
      if (name !== "" && !HOP_BY_HOP.has(name) && !END_TO_END.has(name)) (named ??= new Set()).add(name);
    }
  }
  return named;
}

const never = () => false;
