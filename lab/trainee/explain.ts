import { nearest } from "../../lb/config/did-you-mean.ts";
import { CodedError } from "../../runtime/errors.ts";
import { GLOSSARY, type Entry } from "./glossary.ts";

/**
 * Entries of the glossary with exactly this word, in any case; else those of a two-letter termination state; else
 * those that contain it. Without a word, all. Throws CodedError NOT_FOUND with the nearest one.
 */
export function explained(word: string | undefined): readonly Entry[] {
  if (word === undefined) return GLOSSARY;
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
