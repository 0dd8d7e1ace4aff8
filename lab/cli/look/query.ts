import { stepFor } from "../../trainee/query-step.ts";
import type { QueryAnswer } from "../../world/monitoring.ts";
import type { Look } from "./look.ts";
import { table } from "../tables.ts";

export interface QueryFlags {
  readonly rangeSeconds: number | undefined;
  readonly stepSeconds: number | undefined;
}

/** `lblab query`: PromQL now, as a table, or over the last while, as a line of blocks for each series. */
export async function showQuery(
  { client, output }: Look,
  expression: string,
  { rangeSeconds, stepSeconds }: QueryFlags,
): Promise<void> {
  const step = rangeSeconds === undefined ? undefined : (stepSeconds ?? stepFor(rangeSeconds));
  const answer = await client.query({ query: expression, range: rangeSeconds, step });
  if (output.json) {
    const range = rangeSeconds === undefined ? {} : { range: { seconds: rangeSeconds, stepSeconds: step } };
    return output.printJson({ schemaVersion: 1, expression, ...range, ...answer });
  }
  if (answer.result.length === 0) {
    output.note("no data: nothing matches, or there is no sample of it now");
    return;
  }
  output.print(answerText(answer, output.width));
}

/** `width` in characters, as `table` takes it. */
export function answerText(answer: QueryAnswer, width = Infinity): string {
  switch (answer.resultType) {
    case "scalar":
    case "string":
      return answer.result[1];
    case "vector":
      return table(
        [{ head: "series", wrap: true }, "value"],
        answer.result.map(({ metric, value: [, value] }) => [seriesText(metric), shortened(value)]),
        width,
      );
    case "matrix":
      return table(
        [
          { head: "series", wrap: true },
          { head: "min", dropRank: 2 },
          { head: "max", dropRank: 1 },
          "last",
          "over time",
        ],
        answer.result.map(({ metric, values }) => {
          const numbers = values.map(([, value]) => numberOf(value));
          const finite = numbers.filter(Number.isFinite);
          return [
            seriesText(metric),
            shortened(String(finite.length === 0 ? Number.NaN : Math.min(...finite))),
            shortened(String(finite.length === 0 ? Number.NaN : Math.max(...finite))),
            shortened(values.at(-1)?.[1] ?? "NaN"),
            sparkline(numbers),
          ];
        }),
        width,
      );
  }
}

function seriesText({ __name__: name = "", ...labels }: Readonly<Record<string, string>>): string {
  const inner = Object.entries(labels)
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    .join(", ");
  return inner === "" ? name || "{}" : `${name}{${inner}}`;
}

const numberOf = (text: string): number =>
  text === "+Inf" ? Infinity : text === "-Inf" ? -Infinity : Number(text);

/** Six digits that mean something: what a person reads. */
function shortened(text: string): string {
  const value = Number(text);
  return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : text;
}

const BLOCKS = "▁▂▃▄▅▆▇█";

/** From its least to its greatest value; what is no number is a gap. */
function sparkline(values: readonly number[]): string {
  const finite = values.filter(Number.isFinite);
  const least = Math.min(...finite);
  const span = Math.max(...finite) - least;
  return values
    .map((value) => {
      if (!Number.isFinite(value)) return " ";
      return BLOCKS[span === 0 ? 0 : Math.min(7, Math.floor(((value - least) / span) * 8))] ?? " ";
    })
    .join("");
}
