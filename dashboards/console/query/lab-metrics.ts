import type { QueryAnswer } from "../../../lab/world/monitoring.ts";

/** Asks an expression of this moment; nobody looks at the answer. */
export type AskBehind = (query: string) => Promise<QueryAnswer>;

type Labels = Readonly<Record<string, string>>;

/** How long names and labels are kept: a new series appears in completion after so long. */
const KEPT_MS = 20_000;

/** Names, labels and values of the lab's metrics for completion, asked behind the trainee's back: no record notes it. */
export interface LabMetrics {
  labelNames(metric?: string): Promise<string[]>;
  labelValues(label: string, metric?: string): Promise<string[]>;
  metricMetadata(): Promise<Record<string, never>>;
  series(metric: string): Promise<Map<string, string>[]>;
  metricNames(): Promise<string[]>;
  flags(): Promise<Record<string, string>>;
}

export function createLabMetrics(ask: AskBehind, now: () => number): LabMetrics {
  const kept = new Map<string, { readonly at: number; readonly labels: Promise<readonly Labels[]> }>();
  function labelsOf(query: string): Promise<readonly Labels[]> {
    const known = kept.get(query);
    if (known && now() - known.at < KEPT_MS) return known.labels;
    // Without an answer there is nothing to complete; what is wrong is said to whoever asks the query itself.
    const labels = ask(query).then(seriesLabels, () => []);
    kept.set(query, { at: now(), labels });
    return labels;
  }
  const seriesOf = (metric: string | undefined): Promise<readonly Labels[]> =>
    labelsOf(metric === undefined || metric === "" ? '{job=~".+"}' : `{__name__=${JSON.stringify(metric)}}`);
  async function labelValues(label: string, metric?: string): Promise<string[]> {
    return unique((await seriesOf(metric)).map((labels) => labels[label] ?? ""));
  }
  return {
    labelValues,
    async labelNames(metric) {
      return unique((await seriesOf(metric)).flatMap(Object.keys));
    },
    metricMetadata: () => Promise.resolve({}),
    series: async (metric) => (await seriesOf(metric)).map((labels) => new Map(Object.entries(labels))),
    async metricNames() {
      const named = await labelsOf('count by (__name__) ({job=~".+"})');
      return unique(named.map((labels) => labels["__name__"] ?? ""));
    },
    flags: () => Promise.resolve({}),
  };
}

const seriesLabels = (answer: QueryAnswer): readonly Labels[] =>
  answer.resultType === "vector" ? answer.result.map(({ metric }) => metric) : [];

const unique = (words: readonly string[]): string[] =>
  [...new Set(words)].filter((word) => word !== "").sort();
