import { parentPort, Worker } from "node:worker_threads";

export interface ThreadsConfig {
  readonly count: number;
  /** The module that a thread runs: it calls `answerTasks`. */
  readonly main: URL;
  /** What each thread gets as its `workerData`. */
  readonly data: unknown;
}

type ThreadAnswer<Report> = { readonly report: Report } | { readonly error: string };

/**
 * Runs independent tasks side by side, one a thread at a time. Resolves when all are done, in any order; rejects with the
 * first bug that one of them met, and on abort.
 */
// The caller knows the type of a thread's answer: it names the module that runs there.
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
export async function inThreads<Task, Report>(
  tasks: Iterable<Task>,
  { count, main, data }: ThreadsConfig,
  onReport: (task: Task, report: Report) => void,
  signal: AbortSignal,
): Promise<void> {
  const left = tasks[Symbol.iterator]();
  const threads: Worker[] = [];
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const thread = new Worker(main, { workerData: data });
      threads.push(thread);
      let task: Task | undefined;
      const next = (): void => {
        const more = left.next();
        if (more.done === true) return resolve();
        task = more.value;
        thread.postMessage(task);
      };
      thread.on("message", (answer: ThreadAnswer<Report>) => {
        if ("error" in answer) return reject(new Error(answer.error));
        if (task !== undefined) onReport(task, answer.report);
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
    await Promise.race([Promise.all(Array.from({ length: count }, work)), aborted]);
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

/** The thread's side: runs each task as it is posted, one after the other. */
export function answerTasks(run: (task: never) => Promise<unknown>): void {
  const answer = async (task: never): Promise<ThreadAnswer<unknown>> => {
    try {
      return { report: await run(task) };
    } catch (error) {
      return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  };
  parentPort?.on("message", (task: unknown) => {
    void answer(task as never).then((done) => parentPort?.postMessage(done));
  });
}
