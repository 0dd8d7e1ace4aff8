import { fstatSync } from "node:fs";
import type { Command } from "commander";
import { systemClock } from "../../runtime/clock.ts";
import { EXIT, messageOf } from "../../runtime/errors.ts";
import type { Action } from "../../scenarios/action.ts";
import type { Lab } from "../control/lab.ts";
import { journalPath } from "../drill/journal.ts";
import { readJournal } from "../drill/read-journal.ts";
import { stateOf } from "../drill/state.ts";
import { DrillStopped } from "../drill/stop-cause.ts";
import { DEFAULT_BASE_PORT } from "../world/ports.ts";
import { runRoot } from "../world/run/run-dir.ts";
import { runPaths } from "../world/run/run-files.ts";
import type { StaleRun } from "../world/run/stale.ts";
import { act } from "./act/finish.ts";
import type { Look } from "./look/look.ts";
import { createOutput, report, type Output } from "./output.ts";
import { connect, settingsOf, type Settings } from "./settings.ts";

/** What every command gets beside its own arguments. */
export interface Context {
  readonly output: Output;
  readonly settings: Settings;
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** Where the built programs are, and the checkout around them. */
  readonly dist: string;
  readonly root: string;
  readonly version: string;
}

/** What the main module passes of its process. */
export interface ProcessFacts {
  readonly signal: AbortSignal;
  readonly dist: string;
  readonly root: string;
  readonly version: string;
}

interface GlobalFlags {
  readonly json?: boolean;
  readonly dir?: string;
  readonly portBase?: string;
  readonly world?: string;
}

type Body = (context: Context, command: Command) => Promise<number | void>;
type LabBody = (look: Look, command: Command) => Promise<number | void>;

/** Wraps the bodies of commands for commander. */
export interface Runner {
  run(body: Body): (...given: unknown[]) => Promise<void>;
  /** For commands that call a running lab. */
  onLab(body: LabBody): (...given: unknown[]) => Promise<void>;
  /** For commands that are one action. */
  acting(step: (args: readonly string[]) => Action): (...given: unknown[]) => Promise<void>;
}

export function createRunner({ signal, dist, root, version }: ProcessFacts): Runner {
  const run: Runner["run"] =
    (body) =>
    async (...given) => {
      const command = given.at(-1) as Command;
      const flags = command.optsWithGlobals<GlobalFlags>();
      const output = createOutput({ json: flags.json === true });
      try {
        process.exitCode =
          (await body({ output, settings: settingsOf(flags), signal, dist, root, version }, command)) ??
          EXIT.ok;
      } catch (error) {
        process.exitCode = signal.aborted ? EXIT.interrupted : report(error, output.json);
      }
      // Handles that a library still holds open do not keep the process.
      process.stdout.write("", () => process.exit());
    };
  const onLab: Runner["onLab"] = (body) =>
    run(({ output, settings }, command) => body({ client: connect(settings, signal), output }, command));
  return {
    run,
    onLab,
    acting: (step) => onLab((parts, command) => act(parts, step(command.processedArgs as string[]))),
  };
}

/** A lab of this process's own, for as long as `body` takes; its signal is aborted by Ctrl-C and by `lblab down`. */
export async function withLab(
  { output, settings, signal, dist, root }: Context,
  seed: number,
  body: (lab: Lab, signal: AbortSignal) => Promise<number>,
): Promise<number> {
  // Loaded when needed: a command that only looks should not wait for a web framework.
  const { createLab } = await import("../control/lab.ts");
  // Its name in `ps` and `ss`, as units have theirs.
  process.title = "lblab";
  const down = new AbortController();
  // An uncaught error is a bug, and yet the drill is to be void by its journal, and the processes are to be ended.
  const failed = new AbortController();
  const onFailure = (error: unknown): void =>
    failed.abort(
      new DrillStopped("DRILL_VOID", "lab", `the lab failed: ${messageOf(error)}`, { cause: error }),
    );
  process.on("uncaughtException", onFailure);
  const lab = await createLab(
    {
      ...settings,
      dist,
      seed,
      searchPath: process.env["PATH"] ?? "",
      docker:
        settings.world === "docker"
          ? {
              root,
              environment: process.env,
              user: `${process.getuid?.() ?? 1000}:${process.getgid?.() ?? 1000}`,
            }
          : undefined,
    },
    {
      clock: systemClock,
      onStale: (found) => output.note(staleText(found, settings)),
      onProgress: (line) => output.note(`  ${line}`),
      onDown: () =>
        down.abort(new DrillStopped("DRILL_VOID", "down", "the lab was taken down by `lblab down`")),
    },
  );
  notePage(output, lab.page, settings);
  try {
    return await body(lab, AbortSignal.any([signal, down.signal, failed.signal]));
  } catch (error) {
    throw failed.signal.aborted ? (failed.signal.reason as DrillStopped).cause : error;
  } finally {
    await lab.close();
    process.off("uncaughtException", onFailure);
  }
}

/** Notes the link to the page. The key that it brings along goes into no file, where others may read it: there, where to find it. */
export function notePage(output: Output, link: string | undefined, { home, portBase }: Settings): void {
  if (link === undefined || output.json) return;
  const { token } = runPaths(runRoot(home, portBase ?? DEFAULT_BASE_PORT));
  const isFile = fstatSync(process.stderr.fd).isFile();
  output.note(
    isFile
      ? `in a browser: ${link.replace(/#.*/, "")} asks for the key of this lab, which is in ${token}`
      : `in a browser: ${link}`,
  );
}

function staleText({ supervisor, leftovers }: StaleRun, { home }: Settings): string {
  const drill = supervisor?.drill;
  const lines = drill === undefined ? [] : readJournal(journalPath(home, drill));
  const { alias, phase } = stateOf(lines);
  return [
    `An earlier lab${supervisor ? ` (pid ${supervisor.pid}, started ${supervisor.startedAt})` : ""} did not end properly.`,
    lines.length === 0
      ? ""
      : `Its drill "${alias}" (${drill}) was left at "${phase}"; its journal holds ${lines.length} events.`,
    leftovers.length === 0
      ? "No process of it was left."
      : `Ended what it had left running: ${leftovers.map(({ unit, pid }) => `${unit} (${pid})`).join(", ")}.`,
  ]
    .filter((line) => line !== "")
    .join(" ");
}
