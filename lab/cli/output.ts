import { styleText } from "node:util";
import { wrapped } from "./prose.ts";
import { CodedError, EXIT, messageOf } from "../../runtime/errors.ts";
import { SCENARIOS } from "../../scenarios/index.ts";

/** The command line's output: data on standard output, everything else on standard error. */
export interface Output {
  readonly json: boolean;
  /** Data. */
  print(text: string): void;
  /** A JSON document, in full. */
  printJson(value: unknown): void;
  /** Progress and remarks. */
  note(text: string): void;
  readonly interactive: boolean;
  /** Characters a line of standard output has room for; Infinity where it is no terminal. */
  readonly width: number;
}

export function createOutput({ json }: { readonly json: boolean }): Output {
  return {
    json,
    print: (text) => void process.stdout.write(`${text}\n`),
    printJson: (value) => void process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`),
    note: (text) => void process.stderr.write(`${wrapped(text, widthOf(process.stderr))}\n`),
    interactive: process.stdin.isTTY && process.stdout.isTTY,
    get width() {
      return widthOf(process.stdout);
    },
  };
}

/** Characters in a line of a terminal; Infinity where it is none. A terminal that says 0 does not know. */
export const widthOf = (stream: { readonly isTTY?: boolean; readonly columns?: number }): number =>
  stream.isTTY === true ? stream.columns || 80 : Infinity;

type Style = Parameters<typeof styleText>[0];

/** Coloured on a terminal, unless NO_COLOR is set. */
export function paint(style: Style, text: string): string {
  const wanted = process.stdout.isTTY && process.env["NO_COLOR"] === undefined;
  return wanted ? styleText(style, text) : text;
}

/** Prints what went wrong and what to do, and returns the exit code. */
export function report(error: unknown, json: boolean): number {
  if (error instanceof CodedError) {
    if (json)
      process.stdout.write(
        `${JSON.stringify({ schemaVersion: 1, error: { code: error.code, message: error.message, hint: error.hint } })}\n`,
      );
    process.stderr.write(`lblab: ${error.message}${error.hint === undefined ? "" : `\n  ${error.hint}`}\n`);
    return error.exitCode;
  }
  const reported = error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
  process.stderr.write(`lblab: a bug: ${withoutIds(reported)}\n`);
  return EXIT.bug;
}

/** A stack names files, and a scenario's folder names its incident, perhaps in the middle of its drill. */
export const withoutIds = (text: string): string =>
  SCENARIOS.reduce(
    (reported, { id, alias }) => reported.replaceAll(`scenarios/${id}`, `scenarios/${alias}`),
    text,
  );
