import { join } from "node:path";
import { availableParallelism } from "node:os";
import type { Command } from "commander";
import { CodedError, EXIT } from "../../../runtime/errors.ts";
import { SCENARIOS } from "../../../scenarios/index.ts";
import { countOf, seedOption } from "../arguments.ts";
import type { Context, Runner } from "../context.ts";
import { incidentGiven } from "../drill/incident.ts";
import { refuseDuringDrill } from "../spoilers.ts";

const DEFAULT_SEEDS = 20;

interface TestFlags {
  readonly all?: boolean;
  readonly seeds?: string;
  readonly seed?: number;
  readonly only?: string;
  readonly threads?: string;
}

/** scenario test, scenario new: write your own. */
export function addScenarioCommands(program: Command, { run }: Runner): void {
  const scenario = program.command("scenario").description("write incidents of your own, and test them");
  scenario
    .command("test [scenario...]")
    .description(
      "test scenarios against the contract, in virtual time: every right fix passes and lasts, every wrong one is refused",
    )
    .option("--all", "the lab's own five")
    .option("--seeds <n>", `seeds 1 to n for each fix (default ${DEFAULT_SEEDS})`)
    .addOption(seedOption())
    .option("--only <fix>", "only this fix; also untouched (no fix) and quiet (no fault)")
    .option("--threads <n>", "drills side by side (default: one a core)")
    .addHelpText(
      "after",
      `
A scenario is named by alias or id, or by the path of its folder or file; its code is run.

Examples:
  lblab scenario test ./my-incident
  lblab scenario test ./my-incident --seeds 3 --json
  lblab scenario test lantern --seed 7 --only "set equal weights"
  lblab scenario test --all`,
    )
    .action(run(testCommand));
  scenario
    .command("new <name>")
    .description("write a scenario that works, to be changed step by step; never overwrites")
    .addHelpText(
      "after",
      `
--dir PATH names the folder in which the scenario's folder is made; without it, this one.

Examples:
  lblab scenario new my-incident && lblab scenario test ./my-incident
  lblab scenario new my-incident --dir ~/incidents`,
    )
    .action(
      run(async ({ output, root }, command) => {
        const { writeSkeleton } = await import("../../contract/write-skeleton.ts");
        const [name] = command.processedArgs as [string];
        const folder = writeSkeleton(name, command.optsWithGlobals<{ dir?: string }>().dir ?? ".", root);
        if (output.json) output.printJson({ schemaVersion: 1, folder });
        else output.print(folder);
        output.note(`npx lblab scenario test ${folder}`);
      }),
    );
}

async function testCommand({ output, settings, root, signal }: Context, command: Command): Promise<number> {
  const flags = command.opts<TestFlags>();
  const [given] = command.processedArgs as [readonly string[]];
  if (given.length === 0 && flags.all !== true)
    throw new CodedError("USAGE", "name a scenario, or --all", {
      hint: "npx lblab scenario test ./my-incident",
    });
  if (flags.seed !== undefined && flags.seeds !== undefined)
    throw new CodedError("USAGE", "--seed is one seed and --seeds many: give one of them");
  const seeds =
    flags.seed === undefined ? countOf("--seeds", flags.seeds, DEFAULT_SEEDS) : { only: flags.seed };
  const count = countOf("--threads", flags.threads, availableParallelism());
  refuseDuringDrill(settings);
  const [{ testScenarios }, { inThreads }, { contractText }] = await Promise.all([
    import("../../contract/contract.ts"),
    import("../../../runtime/threads.ts"),
    import("./contract-text.ts"),
  ]);
  const names = [...new Set([...(flags.all === true ? SCENARIOS.map(({ id }) => id) : []), ...given])];
  const loaded = await Promise.all(names.map((name) => incidentGiven(name, root)));
  const report = await testScenarios(
    loaded,
    { seeds, only: flags.only },
    {
      run: (tasks, onReport) =>
        inThreads(
          tasks,
          {
            count: Math.min(count, tasks.length),
            main: new URL("../../contract/thread-main.js", import.meta.url),
            data: { root, dashboards: join(root, "dashboards") },
          },
          onReport,
          signal,
        ),
      onTreatment: ({ scenario, treatment, held, trials, done, all }) =>
        output.note(`[${done}/${all}] ${scenario}: ${treatment}: ${held} of ${trials}`),
    },
  );
  if (output.json) output.printJson(report);
  else output.print(contractText(report));
  return report.passed ? EXIT.ok : EXIT.notSolved;
}
