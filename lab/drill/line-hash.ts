import { createHash } from "node:crypto";

export const hashOfText = (text: string): string => createHash("sha256").update(text).digest("hex");

/** What a journal's line carries of the one before it: damage shows, forgery by somebody who hashes anew does not. */
export const hashOfLine = (text: string): string => hashOfText(text).slice(0, 32);
