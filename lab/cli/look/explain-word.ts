import { EXIT } from "../../../runtime/errors.ts";
import { explained } from "../../trainee/explain.ts";
import type { Output } from "../output.ts";
import { table } from "../tables.ts";

/** `lblab explain [WORD]`: what a word means, or every word. Throws CodedError NOT_FOUND with the nearest one. */
export function explainWord(word: string | undefined, output: Output): number {
  const entries = explained(word);
  if (output.json) {
    output.printJson({ schemaVersion: 1, words: entries });
    return EXIT.ok;
  }
  const groups = [...new Set(entries.map(({ group }) => group))];
  output.print(
    groups
      .map((group) => {
        const rows = entries.filter((one) => one.group === group).map(({ word, means }) => [word, means]);
        return table([group, { head: "", wrap: true }], rows, output.width);
      })
      .join("\n\n"),
  );
  return EXIT.ok;
}
