import wrapAnsi from "wrap-ansi";

/** Lines no longer than `width` characters, broken at words; what begins with blanks goes on with as many. */
export function wrapped(text: string, width: number): string {
  if (!Number.isFinite(width)) return text;
  return text
    .split("\n")
    .map((line) => {
      const indent = /^ *(?:- )?/.exec(line)?.[0].length ?? 0;
      // A line that is mostly indent has nothing to break.
      const hang = indent < width / 2 ? indent : 0;
      const lead = line.slice(0, hang);
      const room = Math.max(1, width - hang);
      return wrapAnsi(line.slice(hang), room, { hard: false, trim: true })
        .split("\n")
        .map((part, i) => `${i === 0 ? lead : " ".repeat(hang)}${part}`)
        .join("\n");
    })
    .join("\n");
}

/** The start of a block of its own in Markdown: a list's item, a heading, a quotation, a fence, a table, an indent. */
const BLOCK = /^(?:[-*#>|`]|\d+\. | {2,})/;

/** A Markdown text for a terminal: each paragraph, wherever its file breaks lines, is broken at `width`. */
export function reflowed(markdown: string, width: number): string {
  const lines: string[] = [];
  let inFence = false;
  for (const line of markdown.split("\n")) {
    if (line.startsWith("```")) inFence = !inFence;
    const before = lines.at(-1);
    const joins = !inFence && before !== undefined && before !== "" && line !== "" && !BLOCK.test(line);
    if (joins && !before.startsWith("```") && !before.startsWith("#"))
      lines[lines.length - 1] = `${before} ${line}`;
    else lines.push(line);
  }
  return wrapped(lines.join("\n"), width);
}
