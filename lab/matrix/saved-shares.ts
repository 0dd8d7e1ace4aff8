/**
 * What each measure that a report asks for saves of what its users lost, 0..1, by incident: at pace `report` on seed 1, with the
 * report's team, as `lblab measures` prints it (`docs/measures.md`). A review saves all where the reviewer sees the mistake,
 * and counts here with the probability of that which is its default.
 */
export const SAVED_SHARES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "port-conflict": { "right-environment": 1, audit: 0.123 },
  "uneven-weights": { "semantic-check": 1, review: 0.6, audit: 0.864 },
  "auth-bottleneck": { review: 0.6, "auto-rollback": 0.69, audit: 0.317, "anomaly-detection": 0 },
  "dead-backends": { "semantic-check": 1, review: 0.6, audit: 0.711 },
  "single-server": { review: 0.6, "distribution-alert": 0.702, "anomaly-detection": 0.701 },
};
