import { request, type Agent } from "node:http";
import type { Clock } from "../../runtime/clock.ts";

/** One request, and what a good answer to it is. */
export interface Visit {
  readonly path: string;
  readonly method?: "GET" | "POST";
  readonly body?: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Absent: a connection of its own. */
  readonly agent?: Agent;
  /** Length that the answer's body must have. */
  readonly bytes: number;
}

/** Milliseconds it took, and what was wrong with the answer, if anything was. */
export interface VisitResult {
  readonly ms: number;
  readonly wrong: string | undefined;
}

const TIMEOUT_MS = 30_000;

/** Never rejects: what goes wrong is what is measured. */
export function visit(
  clock: Clock,
  port: number,
  { path, method = "GET", body, headers, agent, bytes }: Visit,
): Promise<VisitResult> {
  const began = clock.now();
  return new Promise((resolve) => {
    const end = (wrong: string | undefined) => {
      cancel();
      resolve({ ms: clock.now() - began, wrong });
    };
    const call = request({
      port,
      host: "127.0.0.1",
      path,
      method,
      agent: agent ?? false,
      headers: { ...headers, ...(body && { "content-length": body.length }) },
    });
    const cancel = clock.after(TIMEOUT_MS, () => call.destroy(new Error("no answer in time")));
    call.on("error", (error: NodeJS.ErrnoException) =>
      end(`${error.code ?? error.message}${call.reusedSocket ? " on a kept connection" : ""}`),
    );
    call.on("response", (response) => {
      let received = 0;
      response.on("data", (chunk: Buffer) => (received += chunk.length));
      response.on("error", (error: NodeJS.ErrnoException) => end(`answer: ${error.code ?? error.message}`));
      response.on("end", () => {
        if (response.statusCode !== 200) end(`status ${response.statusCode}`);
        else end(received === bytes ? undefined : `${received} bytes instead of ${bytes}`);
      });
    });
    call.end(body);
  });
}

/** Outcomes of the visits of a load. */
export interface LoadTally {
  readonly sent: number;
  readonly failed: number;
  readonly worstMs: number;
  /** How many went wrong, by what was wrong. */
  readonly reasons: Readonly<Record<string, number>>;
}

export interface RunningLoad {
  /** Sends no more, waits for those that are open, and returns the outcomes of all. */
  finish(): Promise<LoadTally>;
}

const TICK_MS = 4;

/** Open loop: each is sent when it is due, whether or not those before have ended. */
export function startVisits(
  clock: Clock,
  port: number,
  requestsPerSecond: number,
  next: (n: number) => Visit,
  onResult: (result: VisitResult) => void = () => {},
): RunningLoad {
  const began = clock.now();
  const open = new Set<Promise<void>>();
  const reasons: Record<string, number> = {};
  let [sent, failed, worstMs] = [0, 0, 0];
  let cancel = clock.after(0, turn);
  function turn() {
    cancel = clock.after(TICK_MS, turn);
    for (const due = ((clock.now() - began) / 1000) * requestsPerSecond; sent < due; sent++) {
      const one = visit(clock, port, next(sent)).then((result) => {
        open.delete(one);
        worstMs = Math.max(worstMs, result.ms);
        if (result.wrong !== undefined) {
          failed += 1;
          reasons[result.wrong] = (reasons[result.wrong] ?? 0) + 1;
        }
        onResult(result);
      });
      open.add(one);
    }
  }
  return {
    async finish() {
      cancel();
      await Promise.all(open);
      return { sent, failed, worstMs, reasons };
    },
  };
}

/** What went wrong, for people. */
export const reasonsText = ({ reasons }: LoadTally): string =>
  Object.entries(reasons)
    .map(([reason, count]) => `${count} x ${reason}`)
    .join(", ");
