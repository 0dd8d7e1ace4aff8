import type { Settings } from "../settings.ts";

const PLAIN = /^[\w./:@%+=-]+$/;
const quoted = (word: string): string => (PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/** The shell's line that repeats a command, in the same place. */
export function againLine(
  words: readonly string[],
  { home, portBase, world }: Settings,
  cwd: string = process.cwd(),
): string {
  const place = [
    ...(home === `${cwd}/.lab` ? [] : ["--dir", home]),
    ...(portBase === undefined ? [] : ["--port-base", String(portBase)]),
  ];
  const where = world === "live" ? [] : ["--world", world];
  return ["npx", "lblab", ...place, ...words, ...where].map(quoted).join(" ");
}
