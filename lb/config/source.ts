/** The most that a configuration file may weigh. Refused before anything is parsed. */
export const MAX_CONFIG_BYTES = 4 * 1024 * 1024;

export type Source =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly line: number; readonly column: number; readonly message: string };

/** Bytes as text: UTF-8 without its mark, checked, at most 4 MiB. */
export function decodeSource(raw: string | Uint8Array): Source {
  const size = sizeOf(raw);
  if (size > MAX_CONFIG_BYTES)
    return refused(1, 1, `the file has ${size} bytes, allowed are ${MAX_CONFIG_BYTES}`);
  if (typeof raw === "string") return { ok: true, text: raw.replace(/^\uFEFF/, "") };
  const mark = (raw[0] ?? 0) * 256 + (raw[1] ?? 0);
  if (mark === 0xfffe || mark === 0xfeff)
    return refused(1, 1, "the file is in UTF-16, allowed is UTF-8: save it as UTF-8");
  const text = new TextDecoder("utf-8").decode(raw);
  // A text may hold the mark itself: only then is it worth asking whether decoding put it there.
  if (!text.includes(REPLACEMENT) || isUtf8(raw)) return { ok: true, text };
  const lines = text.split("\n");
  const line = lines.findIndex((text) => text.includes(REPLACEMENT));
  const column = (lines[line] ?? "").indexOf(REPLACEMENT);
  return refused(line + 1, column + 1, "these bytes are not UTF-8");
}

/** In bytes; a text's are counted only where they could be too many. */
function sizeOf(raw: string | Uint8Array): number {
  if (typeof raw !== "string") return raw.length;
  return raw.length * 3 <= MAX_CONFIG_BYTES ? raw.length : new TextEncoder().encode(raw).length;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** What decoding puts in place of bytes that are not UTF-8. */
const REPLACEMENT = "\uFFFD";

const refused = (line: number, column: number, message: string): Source => ({
  ok: false,
  line,
  column,
  message,
});
