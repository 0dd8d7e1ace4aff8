#!/usr/bin/env node
import { spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { freemem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, CommanderError, Option } from "commander";
import { systemClock, sleep } from "../../runtime/clock.ts";
import { CodedError, EXIT, messageOf } from "../../runtime/errors.ts";
import { SCENARIOS } from "../../scenarios/index.ts";
import type { Action } from "../../scenarios/action.ts";
import { createLab, type Lab } from "../control/lab.ts";
import { readJournal, journalPath } from "../drill/journal.ts";
import { stateOf } from "../drill/state.ts";
import { DEFAULT_BASE_PORT } from "../world/live/ports.ts";
import type { StaleRun } from "../world/live/stale.ts";
import { balancerCommand } from "./balancer-command.ts";
import { doctorExitCode, doctorTable, examine } from "./doctor.ts";
import { judgeScript, readDrillScript } from "./drill-script.ts";
import { act, check, diagnose, type DiagnosisFlags } from "./finish.ts";
import { loadCommand, type LoadFlags } from "./load-command.ts";
import * as look from "./look.ts";
import { createOutput, report, type Output } from "./output.ts";
import { connect, settingsOf, type Settings } from "./settings.ts";
import { drillOnce, start } from "./start.ts";

/** The command line: arguments in, one exit code out. Only here are `process.argv` and signals read. */

const DIST = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const ROOT = join(DIST, "..");
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };

interface GlobalFlags {
  readonly json?: boolean;
  readonly dir?: string;
  readonly portBase?: string;
}

/** What each command gets beside its own arguments. */
interface Context {
  readonly output: Output;
  readonly settings: Settings;
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
}

const interrupt = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(name, () => {
    // The second Ctrl-C is for somebody who will not wait: children end with us.
    if (interrupt.signal.aborted) process.exit(EXIT.interrupted);
    interrupt.abort(new Error("interrupted"));
  });

const program = new Command("lblab")
  .description("Live through five real load balancer outages on your own machine.")
  .version(version)
  .option("--json", "machine-readable output on standard output")
  .addOption(new Option("--dir <path>", "where the lab keeps its files (LBLAB_DIR; default .lab)"))
  .addOption(
    new Option(
      "--port-base <n>",
      "port of the balancer; all others move with it (LBLAB_PORT_BASE; default 8080)",
    ),
  )
  .showSuggestionAfterError()
  .exitOverride()
  .configureOutput({ writeErr: (text) => void process.stderr.write(text) });

/** Runs a command's body, and ends the process with its exit code. */
function run(body: (context: Context, command: Command) => Promise<number | void>) {
  return async (...given: unknown[]): Promise<void> => {
    const command = given.at(-1) as Command;
    const flags = command.optsWithGlobals<GlobalFlags>();
    const output = createOutput({ json: flags.json === true });
    let code: number;
    try {
      code =
        (await body({ output, settings: settingsOf(flags), signal: interrupt.signal }, command)) ?? EXIT.ok;
    } catch (error) {
      code = interrupt.signal.aborted ? EXIT.interrupted : report(error, output.json);
    }
    process.exitCode = interrupt.signal.aborted ? EXIT.interrupted : code;
    // Whatever a library still holds open is nobody's business any more.
    process.stdout.write("", () => process.exit());
  };
}

const onLab = (body: (parts: look.Look, command: Command) => Promise<number | void>) =>
  run(({ output, settings }, command) => body({ client: connect(settings), output }, command));

const acting = (step: (args: readonly string[]) => Action) =>
  onLab((parts, command) => act(parts, step(command.processedArgs as string[])));

async function withLab(
  { output, settings, signal }: Context,
  seed: number,
  body: (lab: Lab, signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const down = new AbortController();
  const lab = await createLab(
    { ...settings, dist: DIST, seed, searchPath: process.env["PATH"] ?? "" },
    {
      clock: systemClock,
      onStale: (found) => output.note(staleText(found, settings)),
      onDown: () => down.abort(new Error("taken down")),
    },
  );
  try {
    return await body(lab, AbortSignal.any([signal, down.signal]));
  } finally {
    await lab.close();
  }
}

function staleText({ supervisor, leftovers }: StaleRun, { home }: Settings): string {
  const drill = supervisor?.drill;
  const lines = drill === undefined ? [] : readJournal(journalPath(home, drill));
  const told =
    lines.length === 0
      ? ""
      : ` Its drill "${stateOf(lines).alias}" (${drill}) was left at "${stateOf(lines).phase}"; its journal holds ${lines.length} events.`;
  const ended =
    leftovers.length === 0
      ? "No process of it was left."
      : `Ended what it had left running: ${leftovers.map(({ unit, pid }) => `${unit} (${pid})`).join(", ")}.`;
  return `An earlier lab${supervisor ? ` (pid ${supervisor.pid}, started ${supervisor.startedAt})` : ""} did not end properly.${told} ${ended}`;
}

const seedOption = new Option("--seed <n>", "seed of everything that is left to chance")
  .argParser(wholeNumber)
  .default(undefined, "the clock");
function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new CodedError("USAGE", `a seed is a whole number, not "${text}"`);
  return Number(text);
}
const seedOf = (given: number | undefined): number => given ?? systemClock.wall() % 1_000_000;

program
  .command("start [alias]")
  .description("bring the lab up and live through an incident: a blind one, or the one that the alias names")
  .option("--auto", "no keyboard needed: a responder answers the page, finds the cause and repairs it")
  .option("--all", "all five in turn (with --auto)")
  .option("--no-fault", "a quiet night: everything but the change")
  .addOption(seedOption)
  .addHelpText(
    "after",
    "\nExamples:\n  lblab start\n  lblab start lantern --seed 7\n  lblab start --auto --all --json\n",
  )
  .action(
    run(async (context, command) => {
      const { output } = context;
      const flags = command.opts<{ auto?: boolean; all?: boolean; fault: boolean; seed?: number }>();
      const watched = output.interactive || flags.auto === true;
      if (!watched) output.note("Nobody is at a terminal: the responder answers the page (as with --auto).");
      const auto = flags.auto === true || !watched;
      if (flags.all === true && !auto) throw new CodedError("USAGE", "--all goes with --auto");
      const [alias] = command.processedArgs as (string | undefined)[];
      const seed = seedOf(flags.seed);
      const options = { alias, auto, all: flags.all === true, fault: flags.fault, seed, timeLimitMs: null };
      return withLab(context, seed, (lab, signal) => start(options, { lab, output, signal, root: ROOT }));
    }),
  );

program
  .command("up")
  .description("bring the lab up without a drill, in the background")
  .option("--foreground", "stay in the foreground")
  .addOption(seedOption)
  .action(
    run(async (context, command) => {
      const { output, settings, signal: interrupted } = context;
      const flags = command.opts<{ foreground?: boolean; seed?: number }>();
      if (flags.foreground !== true) return upInBackground(context, command);
      return withLab(context, seedOf(flags.seed), async (lab, signal) => {
        const [, plain] = SCENARIOS;
        if (plain) await lab.up(plain.paces.drill.topology, plain.paces.drill.workload);
        output.note(`the lab is up on http://${lab.listener}/ (${settings.home})`);
        await new Promise<void>((resolve) =>
          signal.addEventListener("abort", () => resolve(), { once: true }),
        );
        return interrupted.aborted ? EXIT.interrupted : EXIT.ok;
      });
    }),
  );

async function upInBackground({ output, settings }: Context, command: Command): Promise<number> {
  mkdirSync(settings.home, { recursive: true });
  const log = join(settings.home, "up.log");
  const file = openSync(log, "w", 0o600);
  const child = spawn(
    process.execPath,
    [fileURLToPath(import.meta.url), ...process.argv.slice(2), "--foreground"],
    {
      detached: true,
      stdio: ["ignore", file, file],
    },
  );
  child.unref();
  let exited: number | null | undefined;
  child.once("exit", (code) => (exited = code));
  for (;;) {
    if (exited !== undefined) {
      process.stderr.write(readFileSync(log, "utf8"));
      return exited ?? EXIT.environment;
    }
    const status = await Promise.resolve()
      .then(() => connect(settings).status())
      .catch(() => undefined);
    if (status?.units.length && status.units.every(({ state }) => state === "active")) {
      if (output.json) output.printJson({ schemaVersion: 1, listener: status.listener, pid: child.pid });
      else
        output.print(
          `the lab is up on http://${status.listener}/; npx ${command.parent?.name() ?? "lblab"} down takes it down`,
        );
      return EXIT.ok;
    }
    await sleep(systemClock, 100);
  }
}

program
  .command("down")
  .description("take the running lab down")
  .action(
    run(async ({ output, settings }) => {
      await connect(settings).down();
      for (let turn = 0; turn < 100; turn++) {
        await sleep(systemClock, 50);
        try {
          connect(settings);
        } catch (error) {
          if (error instanceof CodedError && error.code === "LAB_NOT_RUNNING") {
            output.note("the lab is down");
            return;
          }
          throw error;
        }
      }
      throw new CodedError("ENVIRONMENT", "the lab has not come down within 5 s");
    }),
  );

program
  .command("scenarios")
  .description("what there is to drill")
  .option("--spoilers", "with titles and causes")
  .action(
    run(async ({ output, settings }, command) => {
      const spoilers = command.opts<{ spoilers?: boolean }>().spoilers === true;
      if (spoilers) await refuseDuringBlindDrill(settings);
      const briefOf = (id: string): string =>
        readFileSync(join(ROOT, "scenarios", id, "brief.md"), "utf8")
          .trim()
          .replaceAll("\n", " ");
      if (output.json)
        return output.printJson({
          schemaVersion: 1,
          scenarios: SCENARIOS.map(({ id, alias, title }) => ({
            alias,
            brief: briefOf(id),
            ...(spoilers ? { id, title } : {}),
          })),
        });
      for (const { id, alias, title } of SCENARIOS)
        output.print(spoilers ? `${alias}: ${id}: ${title}` : `${alias}\n  ${briefOf(id)}\n`);
    }),
  );

async function refuseDuringBlindDrill(settings: Settings): Promise<void> {
  const status = await Promise.resolve()
    .then(() => connect(settings).status())
    .catch(() => undefined);
  if (status?.drill && status.drill.phase !== "done")
    throw new CodedError("SPOILER", "a drill is running: that would give its answer away", {
      hint: "lblab end finishes it",
    });
}

program.command("status").description("users, backends and pools at a glance").action(onLab(look.showStatus));
program.command("ps").description("units and ports").action(onLab(look.showUnits));
program.command("alerts").description("what the pager says").action(onLab(look.showAlerts));
program
  .command("changes")
  .description("what was changed lately, and by whom")
  .action(onLab(look.showChanges));
program
  .command("logs <unit>")
  .description("the end of a unit's log; `access` is the balancer's access log")
  .option("-n, --lines <n>", "how many lines", "50")
  .action(
    onLab((parts, command) => {
      const lines = Number(command.opts<{ lines: string }>().lines);
      if (!Number.isInteger(lines) || lines < 1)
        throw new CodedError("USAGE", "--lines must be a whole number from 1");
      return look.showLogs(parts, command.processedArgs[0] as string, lines);
    }),
  );
program
  .command("metrics <unit>")
  .description("a unit's metrics, in Prometheus' text format")
  .action(onLab((parts, command) => look.showMetrics(parts, command.processedArgs[0] as string)));

const config = program.command("config").description("the balancer's configuration");
config
  .command("show [version]")
  .description("the active configuration, or an earlier version")
  .action(onLab((parts, command) => look.showConfig(parts, versionOf(command.processedArgs[0]))));
config
  .command("history")
  .description("every version, with author and reason")
  .action(onLab(look.showHistory));
config
  .command("diff [from] [to]")
  .description("two versions; without any, the active one against the one before it")
  .action(
    onLab((parts, command) =>
      look.showDiff(parts, versionOf(command.processedArgs[0]), versionOf(command.processedArgs[1])),
    ),
  );
config
  .command("check <file>")
  .description("whether the balancer would take this file")
  .action(
    run(({ output, signal }, command) =>
      balancerCommand(
        { config: command.processedArgs[0] as string, check: true, json: output.json },
        balancerDeps(signal),
      ),
    ),
  );
config
  .command("apply <file>")
  .description("make this file the active configuration; - is standard input")
  .option("--reason <text>", "for the history")
  .action(
    onLab((parts, command) => {
      const { reason } = command.opts<{ reason?: string }>();
      const path = command.processedArgs[0] as string;
      const yaml = readText(path);
      return act(parts, { do: "config apply", yaml, ...(reason === undefined ? {} : { reason }) });
    }),
  );
config
  .command("rollback [version]")
  .description("back to an earlier version; without one, to the one before the active")
  .action(
    onLab((parts, command) => {
      const wanted = versionOf(command.processedArgs[0]);
      return act(parts, { do: "config rollback", ...(wanted === undefined ? {} : { version: wanted }) });
    }),
  );

function versionOf(text: unknown): number | undefined {
  if (text === undefined) return undefined;
  if (typeof text === "string" && /^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new CodedError("USAGE", `a version is a whole number from 1, not "${String(text)}"`);
}

function readText(path: string): string {
  try {
    return readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (error) {
    throw new CodedError("USAGE", `cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
}

const unit = program.command("unit").description("the machine's units");
for (const verb of ["start", "stop", "restart", "kill", "enable", "disable"] as const)
  unit
    .command(`${verb} <unit>`)
    .description(
      verb === "kill" ? "SIGKILL to its process; its restart policy decides what follows" : `${verb} a unit`,
    )
    .action(acting(([name = ""]) => ({ do: `unit ${verb}`, unit: name })));
unit
  .command("config <unit> [settings...]")
  .description(
    "change settings (capacity.queueLimit=100 port=9120); in effect after its next restart. Without settings: show",
  )
  .action(
    onLab(async (parts, command) => {
      const [name, settings] = command.processedArgs as [string, string[]];
      if (settings.length === 0) {
        const found = (await parts.client.units()).find((one) => one.name === name);
        if (!found) throw new CodedError("NOT_FOUND", `there is no unit ${name}`);
        return parts.output.printJson(found.config);
      }
      const pairs = settings.map((text) => {
        const at = text.indexOf("=");
        if (at < 1) throw new CodedError("USAGE", `"${text}" is not key=value`);
        return [text.slice(0, at), text.slice(at + 1)] as const;
      });
      return act(parts, { do: "unit config", unit: name, set: Object.fromEntries(pairs) });
    }),
  );

program
  .command("package")
  .description("installed packages")
  .command("uninstall <name>")
  .description("remove a package with its units")
  .action(acting(([name = ""]) => ({ do: "package uninstall", package: name })));
program
  .command("change")
  .description("entries of the change log")
  .command("revert <id>")
  .description("take one change back")
  .action(acting(([id = ""]) => ({ do: "change revert", change: id })));

const upstream = program
  .command("upstream")
  .description("the balancer's upstreams, at run time: gone with its next start");
for (const verb of ["drain", "enable"] as const)
  upstream
    .command(`${verb} <name>`)
    .description(verb === "drain" ? "finish what is in flight, take no new requests" : "take requests again")
    .action(acting(([name = ""]) => ({ do: `upstream ${verb}`, upstream: name })));
upstream
  .command("weight <name> <weight>")
  .description("0 to 256")
  .action(
    acting(([name = "", weight = ""]) => {
      if (!/^\d{1,3}$/.test(weight) || Number(weight) > 256)
        throw new CodedError("USAGE", "a weight is a whole number from 0 to 256");
      return { do: "upstream weight", upstream: name, weight: Number(weight) };
    }),
  );

program
  .command("check")
  .description("are users well? OK or NO, and what they feel; never why")
  .action(onLab(check));
program
  .command("diagnose")
  .description("say what it is: by flags, or by questions on a terminal")
  .option("--component <name>", "a unit, a pool, or balancer")
  .option("--mechanism <word>", "how it breaks")
  .option("--scope <word>", "who feels it")
  .addHelpText(
    "after",
    "\nExample:\n  lblab diagnose --component database --mechanism database-slow --scope everyone\n",
  )
  .action(onLab((parts, command) => diagnose(parts, command.opts<DiagnosisFlags>())));
program
  .command("hint")
  .description("the next hint; it is noted")
  .action(
    onLab(async ({ client, output }) => {
      const hint = await client.hint();
      if (output.json) output.printJson({ schemaVersion: 1, hint });
      else output.print(hint);
    }),
  );
program
  .command("end")
  .description(
    "finish the drill: the units are restarted once, then the debrief is printed where it was started",
  )
  .action(
    onLab(async ({ client, output }) => {
      await client.end();
      output.note("ending; the debrief is printed where the drill was started");
    }),
  );

program
  .command("drill")
  .description("an instructor's drills")
  .command("run <script>")
  .description("brief, time and judge a trainee by a YAML script; the result is a JSON file and a line")
  .option("--out <file>", "where the result is written", "result.json")
  .addHelpText(
    "after",
    "\nExample script:\n  scenario: lantern\n  seed: 7\n  timeLimitMinutes: 20\n  pass: { durable: true, diagnosis: true, maxHints: 1 }\n",
  )
  .action(
    run(async (context, command) => {
      const { output } = context;
      const script = readDrillScript(command.processedArgs[0] as string);
      const { out } = command.opts<{ out: string }>();
      const scenario = SCENARIOS.find(({ alias, id }) => alias === script.scenario || id === script.scenario);
      if (!scenario) throw new CodedError("NOT_FOUND", `there is no scenario ${script.scenario}`);
      if (script.briefing !== undefined) output.note(script.briefing.trim());
      return withLab(context, script.seed, async (lab, signal) => {
        const options = {
          auto: script.responder === "auto",
          fault: true,
          seed: script.seed,
          timeLimitMs: script.timeLimitMinutes === undefined ? null : script.timeLimitMinutes * 60_000,
        };
        const result = await drillOnce(scenario, options, { lab, output, signal, root: ROOT });
        const verdict = judgeScript(script, result);
        const told = { schemaVersion: 1, script, ...verdict, result };
        writeFileSync(out, `${JSON.stringify(told, undefined, 2)}\n`);
        if (output.json) output.printJson(told);
        else
          output.print(`${verdict.passed ? "PASSED" : `NOT PASSED: ${verdict.missed.join("; ")}`} (${out})`);
        return verdict.passed ? EXIT.ok : EXIT.notSolved;
      });
    }),
  );

program
  .command("balancer")
  .description("the balancer alone, in the foreground, no lab around it")
  .requiredOption("--config <file>", "its configuration")
  .option("--check", "only say whether the configuration is good")
  .action(
    run(({ output, signal }, command) =>
      balancerCommand(
        { ...command.opts<{ config: string; check?: boolean }>(), json: output.json },
        balancerDeps(signal),
      ),
    ),
  );

const balancerDeps = (signal: AbortSignal) => ({ clock: systemClock, signal });

program
  .command("load")
  .description("autocannon against a URL of this machine, at a steady rate")
  .option("--url <url>", "default http://127.0.0.1:8080/")
  .option("--rate <n>", "requests a second (default 100)")
  .option("--connections <n>", "connections at most (default: one a request a second, up to 200)")
  .option("--duration <seconds>", "default 10, at most 600")
  .action(
    run(({ output, signal }, command) =>
      loadCommand(command.opts<LoadFlags>(), { clock: systemClock, output, interrupted: signal }),
    ),
  );

program
  .command("doctor")
  .description("whether this machine can hold a lab")
  .action(
    run(async ({ output, settings }) => {
      const report = await examine(
        { home: settings.home, base: settings.portBase ?? DEFAULT_BASE_PORT },
        {
          clock: systemClock,
          nodeVersion: process.version,
          searchPath: process.env["PATH"] ?? "",
          freeMemoryBytes: freemem(),
        },
      );
      if (output.json) output.printJson(report);
      else output.print(doctorTable(report));
      return doctorExitCode(report);
    }),
  );

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  else process.exitCode = report(error, process.argv.includes("--json"));
}
