/** An action that counts as wrong, and why. */
export interface WrongAction {
  /** ISO 8601. */
  readonly at: string;
  readonly action: string;
  readonly because: "false-lead" | "hurt-users" | "faulty-version";
  /** In words, with its figures. */
  readonly detail: string;
}
