import { join } from "node:path";

/** Where pictures are left for people to look at: LBLAB_SCREENSHOTS, else a folder that is not tracked. */
export const SCREENSHOTS =
  process.env["LBLAB_SCREENSHOTS"] ?? join(import.meta.dirname, "..", "..", "dist", "screenshots");
