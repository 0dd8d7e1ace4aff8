import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { messageOf } from "../runtime/errors.ts";
import { systemClock } from "../runtime/clock.ts";
import { seeded } from "../runtime/random.ts";
import { ENGINES, type EngineName } from "../lb/transport/engines.ts";
import { met, type Bar, type Figure } from "./bars/bar.ts";
import { BARS } from "./bars/index.ts";

/**
 * `npm run bench:bars [-- --only NAME ...] [--engine sockets|undici|http-proxy] [--minutes N] [--seed N] [--json]`: what the
 * balancer's process must meet, each figure beside its bar, over every engine where that makes a difference. Exit code
 * 0 when all are met, 4 when one is missed, 2 for a wrong argument.
 */

interface Run {
  readonly bar: Bar;
  readonly engine: EngineName;
  readonly figures: readonly Figure[];
  /** Why it could not be measured. */
  readonly broken?: string;
}

const SOAK_MINUTES = 10;

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  return 2;
});

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: "string", multiple: true, default: [] },
      engine: { type: "string", multiple: true, default: [] },
      minutes: { type: "string", default: String(SOAK_MINUTES) },
      seed: { type: "string", default: "1" },
      json: { type: "boolean", default: false },
    },
  });
  const minutes = Number(values.minutes);
  if (!(minutes > 0 && minutes <= 120)) throw new Error("--minutes: a number up to 120");
  const engines = chosen("--engine", values.engine, ENGINES, (engine) => engine);
  const bars = chosen("--only", values.only, BARS, ({ name }) => name);
  if (!values.json) console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "?"}`);
  const runs: Run[] = [];
  for (const bar of bars)
    for (const engine of bar.everyEngine ? engines : engines.slice(0, 1)) {
      const run = await measure(bar, engine, { minutes, seed: values.seed });
      runs.push(run);
      if (!values.json) show(run);
    }
  const missed = runs.filter((run) => !isMet(run));
  if (values.json) console.log(JSON.stringify(asJson(runs), undefined, 2));
  else
    console.log(
      missed.length === 0
        ? "\nevery bar is met"
        : `\nnot met: ${missed.map(({ bar, engine }) => `${bar.name} (${engine})`).join(", ")}`,
    );
  return missed.length === 0 ? 0 : 4;
}

async function measure(
  bar: Bar,
  engine: EngineName,
  { minutes, seed }: { readonly minutes: number; readonly seed: string },
): Promise<Run> {
  const note = (text: string) => void process.stderr.write(`  ${bar.name}, ${engine}: ${text}\n`);
  try {
    const random = seeded(seed).fork(bar.name);
    const figures = await bar.run({ clock: systemClock, random, engine, minutes, note });
    return { bar, engine, figures };
  } catch (error) {
    return { bar, engine, figures: [], broken: messageOf(error) };
  }
}

function isMet({ figures, broken }: Run): boolean {
  return broken === undefined && figures.every(met);
}

function show({ bar, engine, figures, broken }: Run): void {
  console.log(`\n${bar.name}: ${bar.title}${bar.everyEngine ? `; ${engine}` : ""}`);
  if (broken !== undefined) console.log(`  could not be measured: ${broken}`);
  for (const figure of figures) {
    const value = Number.isInteger(figure.value) ? String(figure.value) : figure.value.toFixed(1);
    const held = figure.bar ? `bar: ${figure.bar.is} ${figure.bar.than}` : "";
    console.log(
      `  ${figure.what.padEnd(58)} ${`${value} ${figure.unit}`.trimEnd().padStart(12)}   ${held.padEnd(20)}${
        met(figure) ? "" : " NOT MET"
      }`.trimEnd(),
    );
  }
}

function asJson(runs: readonly Run[]): object {
  return {
    schemaVersion: 1,
    met: runs.every(isMet),
    bars: runs.map((run) => ({
      name: run.bar.name,
      title: run.bar.title,
      engine: run.bar.everyEngine ? run.engine : null,
      met: isMet(run),
      ...(run.broken === undefined ? {} : { broken: run.broken }),
      figures: run.figures.map((figure) => ({ ...figure, met: met(figure) })),
    })),
  };
}

/** The named ones; all when none is named. Throws for an unknown name. */
function chosen<T>(
  flag: string,
  names: readonly string[],
  all: readonly T[],
  nameOf: (one: T) => string,
): readonly T[] {
  for (const name of names)
    if (!all.some((one) => nameOf(one) === name))
      throw new Error(`${flag}: there is no "${name}", only ${all.map(nameOf).join(", ")}`);
  return names.length === 0 ? all : all.filter((one) => names.includes(nameOf(one)));
}
