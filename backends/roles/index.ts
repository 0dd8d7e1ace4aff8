import type { Role } from "../config.ts";
import type { InstallRole } from "../toolkit.ts";

// A process has one role: it does not load the others.
const ROLES: Readonly<Record<Role, () => Promise<InstallRole>>> = {
  web: async () => (await import("./web.ts")).installWeb,
  auth: async () => (await import("./auth.ts")).installAuth,
  database: async () => (await import("./database.ts")).installDatabase,
  api: async () => (await import("./api.ts")).installApi,
  site: async () => (await import("./site.ts")).installSite,
};

/** Loads the routes of a role. */
export function loadRole(role: Role): Promise<InstallRole> {
  return ROLES[role]();
}
