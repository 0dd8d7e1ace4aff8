import { isCancel, select, text } from "@clack/prompts";
import { CodedError, ERROR_CATALOGUE, EXIT } from "../../../runtime/errors.ts";
import type { Action } from "../../../scenarios/action.ts";
import { mechanismsWith, SCOPES, type Diagnosis, type Scope } from "../../../scenarios/diagnosis.ts";
import { formatFinding } from "../../../lb/config/lint/lint.ts";
import type { ControlClient } from "../../control/client.ts";
import type { ActionResult } from "../../world/action-result.ts";
import type { Trend } from "../../drill/trend.ts";
import { percent } from "../../judge/well.ts";
import type { Output } from "../output.ts";

export interface Finish {
  readonly client: ControlClient;
  readonly output: Output;
}

/** Any action of the table. Exit code 2 for an invalid configuration, 4 when it was refused otherwise. */
export async function act({ client, output }: Finish, step: Action): Promise<number> {
  const result = await client.act(step);
  if (output.json) output.printJson({ schemaVersion: 1, ...result });
  else (result.ok ? output.print : output.note)(actionText(result));
  if (result.ok) return EXIT.ok;
  return result.code === undefined ? EXIT.notSolved : ERROR_CATALOGUE[result.code];
}

/** An action's result, with lint's findings on a configuration that was applied; a refusal's message has its own. */
const actionText = ({ ok, message, findings = [] }: ActionResult): string =>
  [message, ...(ok ? findings.map(formatFinding) : [])].join("\n");

export async function check({ client, output }: Finish): Promise<number> {
  output.note("watching users for up to 13 s ...");
  const { ok, felt, trend } = await client.check();
  if (output.json)
    output.printJson({
      schemaVersion: 1,
      check: ok ? "OK" : "NO",
      felt,
      ...(trend === undefined ? {} : { trend }),
    });
  else {
    output.print(ok ? "OK: users are well" : `NO\n${felt.map((line) => `- ${line}`).join("\n")}`);
    if (!ok && trend !== undefined) output.print(trendText(trend));
  }
  return ok ? EXIT.ok : EXIT.notSolved;
}

const trendText = ({ seconds, before, now, direction }: Trend): string =>
  `since your last action, ${seconds} s ago: ${percent(before)} of requests failed before it, ${percent(now)} do now, ${direction === "level" ? "neither falling nor rising" : `and ${direction}`}`;

export interface DiagnosisFlags {
  readonly component?: string;
  readonly mechanism?: string;
  readonly scope?: string;
}

/** By flags, or by questions on a terminal. */
export async function diagnose({ client, output }: Finish, flags: DiagnosisFlags): Promise<number> {
  const diagnosis = await complete(flags, client, output).catch((error: unknown) => {
    if (error instanceof Cancelled) return undefined;
    throw error;
  });
  if (!diagnosis) {
    output.note("nothing was noted");
    return EXIT.interrupted;
  }
  await client.diagnose(diagnosis);
  if (output.json) output.printJson({ schemaVersion: 1, diagnosis });
  else
    output.print(
      "noted; whether it is right is shown at the end. You can change it until then: the last one counts.",
    );
  return EXIT.ok;
}

/** Ctrl-C at a question. */
class Cancelled extends Error {}

async function complete(flags: DiagnosisFlags, client: ControlClient, output: Output): Promise<Diagnosis> {
  const { component, mechanism, scope } = flags;
  if (scope !== undefined && !(scope in SCOPES)) throw unknownWord("scope", scope, Object.keys(SCOPES));
  if (component !== undefined && mechanism !== undefined && scope !== undefined)
    return { component, mechanism, scope: scope as Scope };
  if (!output.interactive)
    throw new CodedError("USAGE", "say --component, --mechanism and --scope", {
      hint: "a component is a unit, a pool, or balancer; npx lblab diagnose --help lists the words of the others with their meaning",
    });
  const { pools: seen = [], drill } = await client.status();
  const pools = seen.map(({ pool }) => pool);
  const own = Object.entries(drill?.words?.components ?? {}).map(([word, meaning]) => `${word}: ${meaning}`);
  const units = (await client.units()).map(({ name }) => name);
  return {
    component:
      component ??
      (await answered(
        text({
          message: [
            `Which part is at fault? A pool (${pools.join(", ")}) or a unit (${units.join(", ")})`,
            ...own,
          ].join("; "),
          validate: (given) => (given ? undefined : "a name, please"),
        }),
      )),
    mechanism: mechanism ?? (await ask("What goes wrong?", mechanismsWith(drill?.words))),
    scope: (scope as Scope | undefined) ?? (await ask("Who feels it?", SCOPES)),
  };
}

async function ask<Word extends string>(
  message: string,
  words: Readonly<Record<Word, string>>,
): Promise<Word> {
  const options = Object.entries<string>(words).map(([value, hint]) => ({
    value,
    label: `${value}: ${hint}`,
  }));
  return (await answered(select<string>({ message, options }))) as Word;
}

async function answered<T>(question: Promise<T>): Promise<Exclude<T, symbol>> {
  const answer = await question;
  if (isCancel(answer)) throw new Cancelled("cancelled");
  return answer as Exclude<T, symbol>;
}

const unknownWord = (kind: string, word: string, known: readonly string[]): CodedError =>
  new CodedError("USAGE", `there is no ${kind} "${word}"`, { hint: `there is ${known.join(", ")}` });
