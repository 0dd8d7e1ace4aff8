import { messageOf, systemCode } from "../../runtime/errors.ts";
import type { TransportFailure } from "./transport.ts";

/** This machine's own shortages (open(2), connect(2)): the upstream has nothing to do with them. */
const SHORTAGES: ReadonlySet<string> = new Set(["EMFILE", "ENFILE", "EADDRNOTAVAIL", "ENOMEM", "ENOBUFS"]);

/** Why there is no connection, by the system's code. */
export function connectFailureKind(code: string | undefined): TransportFailure["kind"] {
  if (code === "ECONNREFUSED") return "refused";
  return code !== undefined && SHORTAGES.has(code) ? "exhausted" : "unreachable";
}

/** What an engine's error means for the attempt, judged by how far the attempt had come. */
export function failureKind(error: unknown, connected: boolean): TransportFailure["kind"] {
  const code = systemCode(error) ?? "";
  if (!connected) return connectFailureKind(code);
  return isInvalidAnswer(code, error) ? "invalid" : "reset";
}

/** One line for the log. */
export function failureDetail(error: unknown): string {
  const code = systemCode(error);
  const message = messageOf(error);
  return code === undefined || message.includes(code) ? message : `${code}: ${message}`;
}

/** True for the errors by which the engines' parsers refuse bytes that are no HTTP answer; an answer that ends early is a reset. */
function isInvalidAnswer(code: string, error: unknown): boolean {
  if (code === "HPE_INVALID_EOF_STATE") return false;
  if (code.startsWith("HPE_")) return true;
  const { name } = error as { name?: unknown };
  // undici: an unsolicited upgrade or interim answer, and its own sanity checks of a status.
  const misplaced = code === "UND_ERR_SOCKET" && /^bad (response|upgrade)$/.test(messageOf(error));
  return (
    misplaced ||
    name === "HTTPParserError" ||
    code === "ERR_ASSERTION" ||
    code === "UND_ERR_HEADERS_OVERFLOW" ||
    code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH"
  );
}
