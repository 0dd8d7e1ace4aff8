import type { Random } from "../../../runtime/random.ts";

/** A new id for a request: 16 hex digits. */
export const newRequestId = (random: Random): string => hex32(random) + hex32(random);

const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const byteOf = (bits: number): string => BYTES[bits & 255] ?? "";

function hex32(random: Random): string {
  const bits = random.below(4_294_967_296);
  return byteOf(bits >>> 24) + byteOf(bits >>> 16) + byteOf(bits >>> 8) + byteOf(bits);
}
