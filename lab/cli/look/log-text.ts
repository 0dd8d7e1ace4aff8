import { logLineText as lineText } from "../../trainee/log-line.ts";
import { paint } from "../output.ts";

/** A line of a log as a person reads it at a terminal; what is no JSON object of this lab's stays as it is. */
export const logLineText = (line: string): string => lineText(line, paint);
