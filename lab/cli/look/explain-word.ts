import { CodedError, EXIT } from "../../../runtime/errors.ts";
import { nearest } from "../../../lb/config/did-you-mean.ts";
import { GLOSSARY, type Entry } from "./glossary.ts";
import type { Output } from "../output.ts";
import { table } from "../tables.ts";

/** `lblab explain [WORD]`: what a word means, or every word. Throws CodedError NOT_FOUND with the nearest one. */
export function explainWord(word: string | undefined, output: Output): number {
  const entries = word === undefined ? GLOSSARY : found(word);
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

/** Entries with exactly this word, whatever its case; else two letters that are a termination state's. */
function found(word: string): readonly Entry[] {
  const wanted = word.toLowerCase();
  const exact = GLOSSARY.filter((one) => one.word.toLowerCase() === wanted);
  if (exact.length > 0) return exact;
  if (/^[CcSsP-][RQCHD-]{1,3}$/.test(word))
    return GLOSSARY.filter(({ group }) => group === "termination state of the access log");
  const within = GLOSSARY.filter((one) => one.word.toLowerCase().includes(wanted) && wanted.length >= 3);
  if (within.length > 0) return within;
  const near = nearest(
    word,
    GLOSSARY.map((one) => one.word),
  );
  throw new CodedError("NOT_FOUND", `"${word}" is not in the glossary`, {
    hint: `${near === undefined ? "" : `did you mean ${near}? `}npx lblab explain lists every word`,
  });
}
