/** A client with a body to send that comes slower than this, in bytes a second, lives on its time in hand. */
const BODY_BYTES_PER_SECOND = 500;

/** How much time a client has left for the body that it is sending. */
export interface BodyWatch {
  /** Milliseconds in hand. */
  leftMs: number;
  /** Bytes that its connection had brought when it was looked at last. */
  bytes: number;
}

/** For a body that was not checked before. */
export const startBodyWatch = (bytes: number, clientBodyMs: number): BodyWatch => ({
  leftMs: clientBodyMs,
  bytes,
});

/**
 * Takes `elapsedMs` of waiting for a body off the time in hand, and adds a second for every 500 bytes that came
 * meanwhile, as Apache's RequestReadTimeout does; never to more than `clientBodyMs`, or who has sent much might then
 * trickle for days. True when nothing is left.
 */
export function isTooSlow(watch: BodyWatch, bytes: number, elapsedMs: number, clientBodyMs: number): boolean {
  const earnedMs = ((bytes - watch.bytes) * 1000) / BODY_BYTES_PER_SECOND;
  watch.bytes = bytes;
  watch.leftMs = Math.min(clientBodyMs, watch.leftMs - elapsedMs + earnedMs);
  return watch.leftMs <= 0;
}
