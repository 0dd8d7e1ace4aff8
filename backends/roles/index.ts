import type { Role } from "../config.ts";
import type { CreateRole } from "../toolkit.ts";
import { createApi } from "./api.ts";
import { createAuth } from "./auth.ts";
import { createDatabase } from "./database.ts";
import { createSite } from "./site.ts";
import { createWeb } from "./web.ts";

export const ROLES: Readonly<Record<Role, CreateRole>> = {
  web: createWeb,
  auth: createAuth,
  database: createDatabase,
  api: createApi,
  site: createSite,
};
