import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

/**
 * Keeps the answer out of sight: whoever reads, greps or lists the lab's files does not meet it by accident. It is no
 * secret from somebody who reads this source.
 */
const keyOf = (drill: string): Buffer =>
  createHash("sha256").update(`sealed until the end: ${drill}`).digest();

/**
 * `text` as digits that only `unseal` with the same drill reads. Letters would one day, by chance, spell a word of the
 * answer.
 */
export function seal(drill: string, text: string): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", keyOf(drill), iv);
  // Padded, so that the length of the answer says nothing either.
  const sealed = Buffer.concat([cipher.update(text.padEnd(64)), cipher.final()]);
  return digitsOf(Buffer.concat([iv, cipher.getAuthTag(), sealed]));
}

export function unseal(drill: string, sealed: string): string {
  const bytes = bytesOf(sealed);
  const decipher = createDecipheriv("aes-256-gcm", keyOf(drill), bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(12, 28));
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()])
    .toString("utf8")
    .trimEnd();
}

const digitsOf = (bytes: Buffer): string =>
  Array.from(bytes, (byte) => String(byte).padStart(3, "0")).join("");
const bytesOf = (digits: string): Buffer => Buffer.from((digits.match(/.{3}/g) ?? []).map(Number));
