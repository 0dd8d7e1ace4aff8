import { isUtf8 } from "node:buffer";

/** The most that a configuration file may weigh. Refused before anything is parsed. */
export const MAX_CONFIG_BYTES = 4 * 1024 * 1024;

export type Source =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly line: number; readonly column: number; readonly message: string };

/** Bytes as text: UTF-8 without its mark, checked, at most 4 MiB. */
export function decodeSource(raw: string | Uint8Array): Source {
  const size = typeof raw === "string" ? Buffer.byteLength(raw) : raw.length;
  if (size > MAX_CONFIG_BYTES)
    return refused(1, 1, `the file has ${size} bytes, allowed are ${MAX_CONFIG_BYTES}`);
  if (typeof raw === "string") return { ok: true, text: raw.replace(/^\uFEFF/, "") };
  const mark = (raw[0] ?? 0) * 256 + (raw[1] ?? 0);
  if (mark === 0xfffe || mark === 0xfeff)
    return refused(1, 1, "the file is in UTF-16, allowed is UTF-8: save it as UTF-8");
  if (isUtf8(raw)) return { ok: true, text: new TextDecoder("utf-8").decode(raw) };
  const lines = new TextDecoder("utf-8").decode(raw).split("\n");
  const line = lines.findIndex((text) => text.includes(REPLACEMENT));
  const column = (lines[line] ?? "").indexOf(REPLACEMENT);
  return refused(line + 1, column + 1, "these bytes are not UTF-8");
}

/** What decoding puts in place of bytes that are not UTF-8. */
const REPLACEMENT = "\uFFFD";

const refused = (line: number, column: number, message: string): Source => ({
  ok: false,
  line,
  column,
  message,
});
