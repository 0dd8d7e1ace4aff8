import { parseArgs } from "node:util";
import { systemClock } from "../../runtime/clock.ts";
import { hash32, seeded } from "../../runtime/random.ts";
import { ENGINES, type EngineName } from "../../lb/transport/engines.ts";
import { inputFor, type FuzzInput } from "./corpus.ts";
import { minimise } from "./minimise.ts";
import { createRig, type Rig } from "./rig.ts";

/**
 * `npm run fuzz -- [--minutes 2] [--seed 1] [--engine sockets|undici|http-proxy] [--only ITERATION] [--json]`: puts mutations of
 * the conformance suite's own inputs on the wire, from clients and from upstreams, through a balancer's process of each
 * engine in turn. It must stay alive and log no error; an upstream sees only requests that the balancer made, whole and
 * unambiguous, and none that its client did not send; a client gets answers that it can read, its own, and none for whole
 * that is not; every connection ends; nothing stays in flight, no descriptor open. A failure is printed with its
 * iteration and its input, made as short as it fails. Exit code 4 then.
 */

/** Connections at once: most of the time each only waits for a timeout. */
const AT_ONCE = 96;

interface Failure {
  readonly iteration: number | undefined;
  readonly fault: string;
  readonly input?: FuzzInput | undefined;
}

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "2" },
    seed: { type: "string", default: "1" },
    engine: { type: "string" },
    only: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const minutes = Number(values.minutes);
const engines = ENGINES.filter((name) => values.engine === undefined || name === values.engine);
if (!(minutes > 0) || engines.length === 0) {
  process.stderr.write(`--minutes: a number over 0; --engine: ${ENGINES.join(", ")}\n`);
  process.exit(2);
}

const results = [];
for (const engine of engines) results.push(await fuzz(engine, (minutes * 60_000) / engines.length));
if (values.json)
  process.stdout.write(`${JSON.stringify({ schemaVersion: 1, seed: values.seed, results })}\n`);
process.exitCode = results.every(({ failure }) => failure === undefined) ? 0 : 4;

async function fuzz(engine: EngineName, forMs: number) {
  const rig = await createRig(engine);
  const end = systemClock.now() + forMs;
  let iterations = 0;
  let failure: Failure | undefined;
  const inputOf = (iteration: number) =>
    inputFor(seeded(`${values.seed}/${engine}/${iteration}`), markOf(iteration));

  async function work() {
    while (!failure && systemClock.now() < end) {
      const iteration = iterations++;
      const input = inputOf(iteration);
      const fault = await rig.run(input, markOf(iteration));
      if (fault !== undefined) failure ??= { iteration, fault, input };
    }
  }

  if (values.only === undefined) await Promise.all(Array.from({ length: AT_ONCE }, work));
  else {
    iterations = 1;
    const input = inputOf(Number(values.only));
    const fault = await rig.run(input, markOf(Number(values.only)));
    if (fault !== undefined) failure = { iteration: Number(values.only), fault, input };
  }
  const after = failure ? undefined : await rig.rest();
  if (after !== undefined) failure = { iteration: undefined, fault: after };
  const { requestsSeen } = rig;
  await rig.close();
  if (failure?.input) failure = { ...failure, input: await shortest(engine, failure) };
  say(engine, iterations, requestsSeen, failure);
  return { engine, iterations, requestsSeen, failure };
}

/** No mutation of one is another's. */
function markOf(iteration: number): string {
  return `${iteration}x${hash32(String(iteration)).toString(16)}`;
}

/** Makes a failing input shorter, in processes of its own; it stays as it is if it does not fail alone. */
async function shortest(
  engine: EngineName,
  { iteration, input, fault }: Failure,
): Promise<FuzzInput | undefined> {
  if (!input) return undefined;
  const kind = fault.slice(0, 30);
  let rig: Rig | undefined;
  let tries = 0;
  const fails = async (bytes: string) => {
    rig ??= await createRig(engine);
    // A mark of its own: what is left of one attempt must not be taken for the next one's.
    const mark = markOf(1_000_000 + tries++);
    const marked = bytes.replaceAll(markOf(iteration ?? 0), mark);
    const again = await rig.run({ ...input, bytes: marked }, mark);
    if (again !== undefined) {
      await rig.close();
      rig = undefined;
    }
    return again?.slice(0, 30) === kind;
  };
  const alone = await fails(input.bytes);
  const bytes = alone ? await minimise(input.bytes, fails, 200) : input.bytes;
  await rig?.close();
  return { ...input, bytes };
}

function say(
  engine: EngineName,
  iterations: number,
  requestsSeen: number,
  failure: Failure | undefined,
): void {
  const out = values.json ? process.stderr : process.stdout;
  out.write(
    `${engine}: ${iterations} inputs of seed ${values.seed}, ${requestsSeen} requests reached the upstream: ${failure ? "FAILED" : "no fault"}\n`,
  );
  if (!failure) return;
  if (failure.iteration !== undefined)
    out.write(
      `  iteration ${failure.iteration} (npm run fuzz -- --seed ${values.seed} --engine ${engine} --only ${failure.iteration})\n`,
    );
  out.write(`  ${failure.fault}\n`);
  if (failure.input) out.write(`  ${JSON.stringify(failure.input)}\n`);
}
