import { Worker } from "node:worker_threads";
import type { TrialDeps } from "./run-trial.ts";
import type { Trial, TrialReport } from "./trial.ts";

/** One trial to be run: by somebody who finds the scenario by its name, since a scenario's faults are code. */
export interface Task {
  /** One of the lab's own by its id, anybody's by its path. */
  readonly source: string;
  readonly trial: Trial;
}

export interface ThreadsConfig extends TrialDeps {
  readonly count: number;
  /** The checkout. */
  readonly root: string;
}

export type ThreadAnswer = { readonly report: TrialReport } | { readonly error: string };

/**
 * Runs independent trials side by side, one a thread at a time. Resolves when all are done, in any order; rejects with the
 * first bug that one of them met, and on abort.
 */
export async function inThreads(
  tasks: readonly Task[],
  { count, root, dashboards }: ThreadsConfig,
  onReport: (task: Task, report: TrialReport) => void,
  signal: AbortSignal,
): Promise<void> {
  const left = tasks.values();
  const threads: Worker[] = [];
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const thread = new Worker(new URL("./thread-main.js", import.meta.url), {
        workerData: { root, dashboards },
      });
      threads.push(thread);
      let task: Task | undefined;
      const next = (): void => {
        task = left.next().value;
        if (task) thread.postMessage(task);
        else resolve();
      };
      thread.on("message", (answer: ThreadAnswer) => {
        if ("error" in answer) return reject(new Error(answer.error));
        if (task) onReport(task, answer.report);
        next();
      });
      thread.on("error", reject);
      next();
    });
  const aborted = new Promise<never>((_, reject) => {
    const give = (): void => reject(signal.reason as Error);
    if (signal.aborted) give();
    else signal.addEventListener("abort", give, { once: true });
  });
  try {
    await Promise.race([Promise.all(Array.from({ length: Math.min(count, tasks.length) }, work)), aborted]);
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}
