import Table from "cli-table3";

/** A plain table: two spaces between columns, no rules, readable in a log file too. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number | undefined)[])[],
): string {
  const none = { top: "", "top-mid": "", "top-left": "", "top-right": "", bottom: "", "bottom-mid": "" };
  const made = new Table({
    head: [...head],
    chars: {
      ...none,
      "bottom-left": "",
      "bottom-right": "",
      left: "",
      "left-mid": "",
      mid: "",
      "mid-mid": "",
      right: "",
      "right-mid": "",
      middle: "  ",
    },
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  made.push(...rows.map((row) => row.map((cell) => (cell === undefined ? "-" : String(cell)))));
  return made
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

/** Milliseconds as people say them. */
export const ms = (value: number | undefined): string =>
  value === undefined ? "-" : `${Math.round(value)} ms`;

/** Seconds as m:ss. */
export function clockTime(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Epoch milliseconds as the time of day, UTC. */
export const timeOf = (at: number): string => new Date(at).toISOString().slice(11, 19);
