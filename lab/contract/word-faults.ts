import { nearest } from "../../lb/config/did-you-mean.ts";
import { MECHANISMS, mechanismsWith } from "../../scenarios/diagnosis.ts";
import type { Scenario } from "../../scenarios/scenario.ts";
import type { ScenarioFault } from "./scenario-shape.ts";

/** The words that a scenario adds, each with its meaning, by path. */
export const ownWordsOf = ({ diagnosis: { words = {} } }: Scenario): [path: string, text: string][] =>
  (["components", "mechanisms"] as const).flatMap((kind) =>
    Object.entries(words[kind] ?? {}).map(([word, meaning]): [string, string] => [
      `diagnosis.words.${kind}.${word}`,
      `${word}: ${meaning}`,
    ]),
  );

/** Mechanisms that a diagnosis names and no list has, and own ones that the lab's list has already. */
export function wordFaults({ diagnosis: { accepted, refuted, words }, report }: Scenario): ScenarioFault[] {
  const known = Object.keys(mechanismsWith(words));
  const named = [
    ...accepted.map(({ mechanism }, i) => ({ path: `diagnosis.accepted[${i}].mechanism`, mechanism })),
    ...refuted.map(({ mechanism }, i) => ({ path: `diagnosis.refuted[${i}].mechanism`, mechanism })),
    ...report.playbook.map(({ diagnosis }, i) => ({
      path: `report.playbook[${i}].diagnosis.mechanism`,
      mechanism: diagnosis?.mechanism,
    })),
  ];
  const unknown = named.flatMap(({ path, mechanism }) => {
    if (mechanism === undefined || known.includes(mechanism)) return [];
    const near = nearest(mechanism, known);
    return [
      {
        path,
        reason: `must be one of ${known.join(", ")}${near === undefined ? "" : `; did you mean ${near}?`}`,
      },
    ];
  });
  const taken = Object.keys(words?.mechanisms ?? {}).filter((word) => Object.hasOwn(MECHANISMS, word));
  return [
    ...unknown,
    ...taken.map((word) => ({
      path: `diagnosis.words.mechanisms.${word}`,
      reason: "is a word of the lab's own, which has its meaning already",
    })),
  ];
}
