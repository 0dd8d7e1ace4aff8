import { failureText, type ContractReport, type ErrorRate } from "../../contract/contract-report.ts";
import { table } from "../tables.ts";

/** What the contract test found, for people: a row a scenario, every failure, and how often the check was wrong. */
export function contractText({ scenarios, check, trials, failedTrials }: ContractReport): string {
  const rows = scenarios.map(({ scenario, kinds, falsePasses, falseRefusals }) => {
    const held = ({ held: good, trials: all }: { readonly held: number; readonly trials: number }): string =>
      all === 0 ? "-" : `${good} of ${all}`;
    const { right, mitigation, wrong, untouched, quiet } = kinds;
    return [
      scenario,
      held(right),
      held(mitigation),
      held(wrong),
      held(untouched),
      held(quiet),
      `${falsePasses.errors} of ${falsePasses.trials}`,
      `${falseRefusals.errors} of ${falseRefusals.trials}`,
    ];
  });
  return [
    table(
      [
        "scenario",
        "right fixes",
        "mitigations",
        "wrong fixes",
        "no fix",
        "no fault",
        "false passes",
        "false refusals",
      ],
      rows,
    ),
    ...scenarios.flatMap(({ scenario, impact, secondsToOk }) => [
      ...impact.map(
        ({ figure, mean, lowest, highest, band }) =>
          `${scenario}: ${figure} ${figureText(mean)} (${figureText(lowest)} to ${figureText(highest)}), band ${band}`,
      ),
      ...(secondsToOk
        ? [
            `${scenario}: OK ${secondsToOk.lowest.toFixed(0)} to ${secondsToOk.highest.toFixed(0)} s after a right fix`,
          ]
        : []),
    ]),
    ...scenarios.flatMap(({ scenario, failures }) =>
      failures.map((failure) => `FAILED ${scenario}: ${failureText(failure)}`),
    ),
    `lblab check: false passes ${rateText(check.falsePasses)}; false refusals ${rateText(check.falseRefusals)}`,
    `${trials - failedTrials} passed, ${failedTrials} failed`,
  ].join("\n");
}

const rateText = ({ errors, trials, low, high }: ErrorRate): string =>
  `${errors} of ${trials} drills (95 % interval ${percent(low)} to ${percent(high)} %)`;

const figureText = (value: number): string => value.toFixed(3);

const percent = (ratio: number): string => (ratio * 100).toFixed(2);
