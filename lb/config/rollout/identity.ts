/** What the holder of a token may do: look; change, propose and freeze; or review as well. */
export const ROLES = ["viewer", "operator", "reviewer"] as const;
export type Role = (typeof ROLES)[number];

/** The holder of a token, by the name that ends up in the history and the change log. */
export interface Identity {
  readonly name: string;
  readonly role: Role;
}

/** Whoever holds the one token that the balancer was started with. */
export const ADMIN: Identity = { name: "admin", role: "operator" };

export const mayChange = ({ role }: Identity): boolean => role !== "viewer";
export const mayReview = ({ role }: Identity): boolean => role === "reviewer";
