import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Hashing } from "./hashing.ts";

const encoder = new TextEncoder();
const bytesOf = (data: string | Uint8Array): Uint8Array =>
  typeof data === "string" ? encoder.encode(data) : data;

/** Hashing in plain JavaScript, wherever it runs. */
export const portableHashing: Hashing = {
  digest: (data) => bytesToHex(sha256(bytesOf(data))),
  begin() {
    const hash = sha256.create();
    return {
      update: (data) => void hash.update(bytesOf(data)),
      digest: () => bytesToHex(hash.clone().digest()),
    };
  },
};
