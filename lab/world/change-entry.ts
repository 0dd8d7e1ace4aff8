export const CHANGE_KINDS = ["config", "deploy", "package", "tune", "restart", "retire"] as const;

/** One line of the change log: what was done to the lab, by whom, in neutral words. */
export interface ChangeEntry {
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  readonly kind: (typeof CHANGE_KINDS)[number];
  readonly by: string;
  readonly summary: string;
  /** What it was done to: units, a package, the balancer's configuration. */
  readonly subjects: readonly string[];
  /** Further facts: versions, environment. */
  readonly detail: string;
}
