import type { LoadedScenario } from "../../contract/load-scenario.ts";
import type { DrillRecord } from "../../drill/record.ts";
import type { Result } from "../../drill/result.ts";
import { savingText, type Saving } from "../../matrix/savings.ts";
import type { DrillState } from "../../drill/state.ts";
import { wordOf } from "../../drill/moment-words.ts";
import { impactText, SAVINGS_HEAD, timesRows, verdictText, withHint, WRONG } from "./debrief.ts";

export interface PostmortemParts {
  readonly result: Result | null;
  readonly state: DrillState;
  /** Undefined where the answer is not shown. */
  readonly incident: LoadedScenario | undefined;
  readonly savings: readonly Saving[];
}

/** A drill as the draft of a postmortem, in Markdown: known facts are filled in, what only people know is asked for. */
export function postmortemText(record: DrillRecord, parts: PostmortemParts): string {
  const { result, state, incident, savings } = parts;
  const { alias, trainee, attempt, begun, world, version, journal } = record;
  const scenario = incident?.scenario;
  const sections = [
    `# Postmortem: ${scenario?.title ?? `drill "${alias}"`}`,
    [
      `- Drill: \`${record.drill}\` ("${alias}", seed ${record.seed}, attempt ${attempt ?? "unknown"})`,
      `- By: ${trainee ?? "unknown"}, ${begun}, world ${world ?? "unknown"}, lab ${version ?? "unknown"}`,
      `- State: ${record.state}${record.stopped ? ` (${record.stopped.reason})` : ""}`,
      `- Record: \`${journal.path}\``,
    ].join("\n"),
    "## Summary",
    result && scenario ? verdictText(result, state, scenario) : "_It came to no result._",
    "## Impact",
    result && scenario ? impactText(result, state, scenario) : "_Not measured._",
    ...(result && scenario
      ? ["## Times", markdownTable(["from the change to", "here", "report"], timesRows(result, scenario))]
      : []),
    "## Timeline",
    markdownTable(
      ["from the change", "at (UTC)", "what", "detail", "by"],
      record.timeline.map(({ seconds, at, event, detail, by }) => [
        seconds === null ? "" : `${seconds.toFixed(1)} s`,
        at.slice(11, 19),
        wordOf(event),
        withHint(event, detail, scenario),
        by ?? "",
      ]),
    ),
    ...changesOf(record),
    "## Root cause",
    scenario ? `${scenario.title}. _Why was that possible?_` : "_What was it, and why was it possible?_",
    "## What misled",
    ...(result && result.wrongBecause.length > 0
      ? [
          result.wrongBecause
            .map((one) => `- \`${one.action}\`: ${WRONG[one.because]}: ${one.detail}`)
            .join("\n"),
        ]
      : ["_What was looked at in vain, and what made it look right?_"]),
    "## What went well, and what was luck",
    "_..._",
    "## Actions",
    scenario
      ? scenario.report.measures.map((measure) => `- [ ] ${measure} (the report's own)`).join("\n")
      : "- [ ] _..._",
    ...(savings.length === 0
      ? []
      : [
          "## What they would have saved",
          SAVINGS_HEAD,
          savings.map((one) => `- ${savingText(one)}`).join("\n"),
        ]),
  ];
  return sections.join("\n\n");
}

function changesOf({ timeline }: DrillRecord): string[] {
  const changed = timeline.filter(({ diff }) => diff !== undefined);
  if (changed.length === 0) return [];
  return [
    "## What was changed of the configuration",
    ...changed.map(({ at, detail, diff }) => `${at.slice(11, 19)}: ${detail}\n\n\`\`\`diff\n${diff}\n\`\`\``),
  ];
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
