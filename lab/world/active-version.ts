import type { Finding } from "../../lb/config/lint/lint.ts";
import type { ActionResult } from "./world.ts";

/** What is said, in every world, of a configuration that is in force now: what lint found in it is data. */
export const activeVersion = (version: number, findings: readonly Finding[]): ActionResult => ({
  ok: true,
  message: `version ${version} is active`,
  ...(findings.length === 0 ? {} : { findings }),
});
