import type { Beginning } from "./protocol.ts";

/** Keeps what a report of a fault of the simulated lab needs, outside of the worker that may fail. */
export interface FaultReport {
  passed(nowMs: number): void;
  called(name: string, input: object): void;
  failed(message: string): void;
  text(): string;
}

export function createFaultReport(release: string, beginning: Beginning): FaultReport {
  const lines: string[] = [];
  let nowMs = 0;
  const note = (line: string): void => void lines.push(`${(nowMs / 1000).toFixed(2)} s  ${line}`);
  const what =
    beginning.kind === "fresh"
      ? `incident ${beginning.alias}, seed ${beginning.seed}${beginning.fault ? "" : ", without its change"}, measures ${JSON.stringify(beginning.measures)}`
      : `handed on: ${beginning.text.trim()}`;
  return {
    passed: (at) => void (nowMs = at),
    called: (name, input) => note(`${name} ${JSON.stringify(input)}`),
    failed: (message) => note(`FAILED: ${message}`),
    text: () => [`outage-lab ${release}, in a page`, what, ...lines].join("\n") + "\n",
  };
}
