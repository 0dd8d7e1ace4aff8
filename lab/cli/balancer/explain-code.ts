import { PAGES, pageOf } from "../../../lb/config/lint/pages.ts";
import { EXIT } from "../../../runtime/errors.ts";
import type { Output } from "../output.ts";

/** The page of a code that a check of a configuration gave; without one, the list of all. Throws NOT_FOUND. */
export function explainCode(code: string | undefined, output: Output): number {
  if (code === undefined) {
    if (output.json) output.printJson({ schemaVersion: 1, codes: PAGES });
    else
      for (const page of PAGES)
        output.print(`${page.code.padEnd(26)} ${page.severity.padEnd(8)} ${page.title}`);
    return EXIT.ok;
  }
  const { severity, title, page, code: found } = pageOf(code);
  if (output.json) output.printJson({ schemaVersion: 1, code: found, severity, title, page });
  else output.print(`${found} (${severity}): ${title}\n\n${page}`);
  return EXIT.ok;
}
