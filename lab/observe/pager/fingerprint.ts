import type { Labels } from "../samples.ts";

const OFFSET = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;
const SEPARATOR = 0xffn;

/** By what Alertmanager tells alerts apart: FNV-1a with 64 bits over the sorted labels, in hexadecimal digits. */
export function fingerprint(labels: Labels): string {
  let hash = OFFSET;
  const add = (byte: bigint): void => {
    hash = BigInt.asUintN(64, (hash ^ byte) * PRIME);
  };
  for (const name of Object.keys(labels).sort())
    for (const text of [name, labels[name] ?? ""]) {
      for (const byte of Buffer.from(text, "utf8")) add(BigInt(byte));
      add(SEPARATOR);
    }
  return hash.toString(16).padStart(16, "0");
}
