import type { Labels } from "../samples.ts";

const WORD = 0x1_0000_0000;
const SEPARATOR = 0xff;
const UTF8 = new TextEncoder();

/**
 * Identifies an alert, as in Alertmanager: FNV-1a with 64 bits over the sorted labels, in hexadecimal digits
 * (http://www.isthe.com/chongo/tech/comp/fnv/).
 */
export function fingerprint(labels: Labels): string {
  // The offset basis in two words, and the prime 2^40 + 0x1b3 in two terms: every product stays exact.
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  const add = (byte: number): void => {
    low = (low ^ byte) >>> 0;
    const product = low * 0x1b3;
    high = (high * 0x1b3 + Math.floor(product / WORD) + low * 0x100) % WORD;
    low = product % WORD;
  };
  for (const name of Object.keys(labels).sort())
    for (const text of [name, labels[name] ?? ""]) {
      for (const byte of UTF8.encode(text)) add(byte);
      add(SEPARATOR);
    }
  return high.toString(16).padStart(8, "0") + low.toString(16).padStart(8, "0");
}
