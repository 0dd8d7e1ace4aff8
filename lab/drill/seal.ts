import { gcm } from "@noble/ciphers/aes.js";
import { randomBytes } from "@noble/ciphers/utils.js";
import { sha256 } from "@noble/hashes/sha2.js";

/**
 * Keeps the answer out of sight: who reads, greps or lists the lab's files does not find it by accident. It is no secret
 * from somebody who reads this source.
 */
const keyOf = (drill: string): Uint8Array =>
  sha256(new TextEncoder().encode(`sealed until the end: ${drill}`));

const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * `text` as digits that only `unseal` with the same drill reads. Letters would one day, by chance, spell a word of the
 * answer.
 */
export function seal(drill: string, text: string): string {
  const iv = randomBytes(IV_BYTES);
  // Padded, so that the length of the answer says nothing either.
  const sealed = gcm(keyOf(drill), iv).encrypt(new TextEncoder().encode(text.padEnd(64)));
  const textBytes = sealed.length - TAG_BYTES;
  return digitsOf([...iv, ...sealed.subarray(textBytes), ...sealed.subarray(0, textBytes)]);
}

export function unseal(drill: string, sealed: string): string {
  const bytes = bytesOf(sealed);
  const iv = bytes.subarray(0, IV_BYTES);
  const tag = bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
  const text = bytes.subarray(IV_BYTES + TAG_BYTES);
  const opened = gcm(keyOf(drill), iv).decrypt(Uint8Array.from([...text, ...tag]));
  return new TextDecoder().decode(opened).trimEnd();
}

const digitsOf = (bytes: readonly number[]): string =>
  bytes.map((byte) => String(byte).padStart(3, "0")).join("");
const bytesOf = (digits: string): Uint8Array =>
  Uint8Array.from(digits.match(/.{3}/g) ?? [], (three) => Number(three));
