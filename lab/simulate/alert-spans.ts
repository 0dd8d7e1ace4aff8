import type { JournalLine } from "../drill/events.ts";

/** An alert's time, epoch ms; `resolvedAt` is null when it still fired at the end. */
export interface AlertSpan {
  readonly name: string;
  readonly severity: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly firedAt: number;
  readonly resolvedAt: number | null;
}

/** Every alert that fired before the end, in the order in which they did. */
export function alertSpans(journal: readonly JournalLine[]): AlertSpan[] {
  const spans: { -readonly [K in keyof AlertSpan]: AlertSpan[K] }[] = [];
  let ending = false;
  for (const line of journal) {
    if (line.event === "ending") ending = true;
    if (line.event !== "alert") continue;
    const at = Date.parse(line.at);
    const { alert: name, severity, labels } = line;
    if (line.to === "firing" && !ending)
      spans.push({ name, severity, labels, firedAt: at, resolvedAt: null });
    if (line.from !== "firing" || line.to === "firing") continue;
    const key = JSON.stringify(labels);
    const open = spans.find((one) => one.resolvedAt === null && JSON.stringify(one.labels) === key);
    if (open) open.resolvedAt = at;
  }
  return spans;
}
