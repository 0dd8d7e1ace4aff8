import { PushRefused } from "./push.ts";

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
/** Throws PushRefused for whoever may only look. */
export function requireChanger(by: Identity): void {
  if (!mayChange(by))
    throw new PushRefused("role", `${by.name} is a ${by.role}, and may not change anything`);
}
export const mayReview = ({ role }: Identity): boolean => role === "reviewer";

/** Whose token an `Authorization` field carries; undefined: nobody's. */
export type Identities = (authorization: string | undefined) => Identity | undefined;

export const NOBODY: Identities = () => undefined;
