import { portableHashing } from "./portable-hashing.ts";

export const hashOfText = (text: string): string => portableHashing.digest(text);

/** What a line of a chained log carries of the one before it: it shows damage, not forgery by somebody who hashes anew. */
export const hashOfLine = (text: string): string => hashOfText(text).slice(0, 32);
