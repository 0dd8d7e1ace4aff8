/** Why an upstream was picked for an attempt: a closed set, in the access log as `pickedBecause`, each with a clause for people. */
export const PICK_REASONS = {
  "round-robin-turn": "its turn had come in the sequence by weight",
  random: "it was drawn by chance, in proportion to weight",
  "less-loaded-of-two": "of two drawn by chance it had fewer requests in flight for its weight",
  "least-connections": "it had the fewest requests in flight for its weight",
  "lower-latency-of-two":
    "of two drawn by chance it promised the shorter wait, by its latency and what it had in flight",
  hash: "the hash of the request's key belongs to it",
  "no-key": "the request had no key to hash, and so it was drawn by chance",
  "first-with-room": "it is the first in the list that had room",
  policy: "the pool's policy chose it",
  "sticky-cookie": "the request's sticky cookie names it",
  "only-candidate": "no other upstream could be picked",
  "panic-mode": "it is not healthy, but so few are that the pool ignores health",
  "freed-place": "the request had waited in the queue, and it was the first to have room",
  "retry-other": "an attempt elsewhere had failed, and a retry goes to one that was not attempted",
  "retry-same":
    "an attempt at it had failed, and there was no other to retry at, or the request is bound to it",
  "resent-stale": "it had closed a kept connection as the request was sent, which is sent again on a new one",
} as const;

export type PickReason = keyof typeof PICK_REASONS;
