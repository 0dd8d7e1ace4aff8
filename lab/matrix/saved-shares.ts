/**
 * What each measure that a report asks for saved of what its users lost, by incident: of `lblab measures` at pace `report`,
 * seed 1, with the report's team. `docs/measures.md` has the whole table.
 */
export const SAVED_SHARES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "port-conflict": { "right-environment": 1, audit: 0.123 },
  "uneven-weights": { "semantic-check": 1, review: 0.6, audit: 0.864 },
  "auth-bottleneck": { review: 0.6, "auto-rollback": 0.69, audit: 0.317, "anomaly-detection": 0 },
  "dead-backends": { "semantic-check": 1, review: 0.6, audit: 0.711 },
  "single-server": { review: 0.6, "distribution-alert": 0.702, "anomaly-detection": 0.701 },
};
