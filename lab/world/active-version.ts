import type { Finding } from "../../lb/config/lint/lint.ts";
import type { ConfigVersion } from "../../lb/config/history.ts";
import type { ActionResult } from "./world.ts";

/** What is said, in every world, of a configuration that is in force now: what lint found in it is data. */
export const activeVersion = (
  version: Pick<ConfigVersion, "version" | "restores">,
  findings: readonly Finding[],
): ActionResult => ({
  ok: true,
  message: `version ${version.version} is active${contentOf(version)}`,
  ...(findings.length === 0 ? {} : { findings }),
});

/** Whose content a version has that is a rollback, as the end of a sentence. */
export const contentOf = ({ restores }: Pick<ConfigVersion, "restores">): string =>
  restores === undefined ? "" : `, with the content of version ${restores}`;
