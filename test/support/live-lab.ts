import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../runtime/clock.ts";
import type { Scenario } from "../../scenarios/scenario.ts";
import type { Action } from "../../scenarios/action.ts";
import { createLab, type Lab } from "../../lab/control/lab.ts";
import type { DrillRun } from "../../lab/control/prepare-drill.ts";
import { answerThePage } from "../../lab/responders/on-call.ts";
import { relocate } from "../../lab/world/relocate.ts";
import { allPorts, DEFAULT_BASE_PORT, portPlan } from "../../lab/world/ports.ts";
import { takenPorts } from "../../lab/world/taken-ports.ts";
import { until } from "./until.ts";

/** A real lab of the test's own: in a directory of its own, on ports that were free a moment ago. */
export interface LiveLab {
  readonly lab: Lab;
  readonly home: string;
  /** An action of a scenario, for this lab's ports. */
  act(step: Action): Promise<{ ok: boolean; message: string }>;
  /** Begins a drill and resolves when it has paged and enough of its impact was seen to be measured. */
  paged(scenario: Scenario): Promise<DrillRun>;
  /** Checks again and again until users are well. */
  checkUntilOk(deadlineMs: number): Promise<void>;
  respond(): Promise<{ well: boolean; lines: readonly string[] }>;
  drill(scenario: Scenario, fault: boolean): DrillRun;
  close(): Promise<void>;
}

const DIST = join(import.meta.dirname, "..", "..", "dist");
/** Requests of the prober in which an impact is measured: three standard deviations are then about three points. */
const ENOUGH = 2000;

export async function startLiveLab(): Promise<LiveLab> {
  const home = mkdtempSync(join(tmpdir(), "lblab-test-"));
  const base = await freeBase();
  const stop = new AbortController();
  const lab = await createLab(
    { home, dist: DIST, portBase: base, seed: 1, searchPath: process.env["PATH"] ?? "" },
    { clock: systemClock, onStale: () => {}, onDown: () => {} },
  );
  const drill = (scenario: Scenario, fault: boolean): DrillRun => {
    const run = lab.drill({ scenario, seed: 1, timeLimitMs: null, fault, onEvent: () => {} }, stop.signal);
    // The awaiter of the result gets the failure; this one is only against an unhandled rejection.
    run.result.catch(() => {});
    return run;
  };
  /** A condition of the drill, unless the drill ends first. */
  const during = <T>(run: DrillRun, condition: () => T, what: string, deadlineMs: number) =>
    Promise.race([
      until(condition, what, deadlineMs),
      run.result.then(() => {
        throw new Error(`the drill ended before ${what}`);
      }),
    ]);
  return {
    lab,
    home,
    drill,
    act: (step) => lab.client.act(relocate(step, base - DEFAULT_BASE_PORT)),
    async paged(scenario) {
      const run = drill(scenario, true);
      await during(
        run,
        () => run.drill.state.pagedAt !== null && run.drill.state.phase === "open",
        "the page",
        150_000,
      );
      const from = (run.drill.state.changedAt ?? 0) + scenario.paces.drill.impact.settleMs + 500;
      await during(
        run,
        () => run.drill.traffic.records(from, systemClock.wall()).length >= ENOUGH,
        `${ENOUGH} requests of the impact`,
        120_000,
      );
      return run;
    },
    async checkUntilOk(deadlineMs) {
      let felt: readonly string[] = [];
      await until(
        async () => {
          const seen = await lab.client.check();
          felt = seen.felt;
          return seen.ok;
        },
        "users to be well",
        deadlineMs,
      ).catch((error: unknown) => {
        throw new Error(`${String(error)}; last felt: ${felt.join("; ")}`);
      });
    },
    async respond() {
      const lines: string[] = [];
      const well = await answerThePage(lab.client, {
        clock: systemClock,
        signal: stop.signal,
        say: (line) => lines.push(line),
        waitMs: 20_000,
      });
      return { well, lines };
    },
    async close() {
      stop.abort(new Error("the test is over"));
      await lab.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A base port with the whole plan free around it. */
export async function freeBase(): Promise<number> {
  for (let turn = 0; turn < 50; turn++) {
    const port = await anyPort();
    // Below the ephemeral range no outgoing connection can take a port.
    const base = 12_000 + (port % 18_000);
    const plan = portPlan(base);
    if ((await takenPorts(allPorts(plan))).length === 0) return base;
  }
  throw new Error("found no free range of ports");
}

function anyPort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Everything that a person who lists processes and reads the lab's files can see, except the balancer's configurations. */
export function visibleTexts(home: string, pids: readonly number[]): Map<string, string> {
  const texts = new Map<string, string>();
  for (const entry of readdirSync(home, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    texts.set(`name ${path}`, path.slice(home.length));
    if (entry.isFile()) texts.set(path, readFileSync(path, "utf8"));
  }
  for (const pid of pids)
    for (const what of ["cmdline", "environ"])
      texts.set(`/proc/${pid}/${what}`, readFileSync(`/proc/${pid}/${what}`, "utf8"));
  return texts;
}
