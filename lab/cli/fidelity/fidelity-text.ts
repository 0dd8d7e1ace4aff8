import type { ClaimBand } from "../../../scenarios/claim.ts";
import type { Scenario } from "../../../scenarios/scenario.ts";
import { holds, scoreOf, type ScenarioFidelity } from "../../fidelity/fidelity.ts";
import type { JudgedClaim } from "../../fidelity/judge-claims.ts";
import { paint } from "../output.ts";
import { table } from "../tables.ts";

type Seen = readonly { readonly scenario: Scenario; readonly fidelity: ScenarioFidelity }[];

/** Every claim beside what came out, for people, and the score. */
export function fidelityText(seen: Seen): string {
  const parts = seen.map(({ scenario, fidelity }) =>
    [
      paint("bold", `${scenario.title} (report ${scenario.report.number}): score ${fidelity.score}`),
      table(
        ["", "claim", "kind", "report", "measured", "band"],
        fidelity.claims.map((claim) => [
          verdictOf(claim),
          claim.name,
          claim.kind,
          claim.ours ? `ours: ${claim.reported}` : claim.reported,
          measuredText(claim),
          bandText(claim.band),
        ]),
      ),
      ...fidelity.claims.flatMap(({ name, interpretation }) =>
        interpretation === undefined ? [] : [`  An interpretation: ${name}: ${interpretation}`],
      ),
      ...fidelity.contradictions.map(
        ({ claim, reason, treatment }) =>
          `  The report against itself: ${claim}\n    ${reason}\n    ${treatment}`,
      ),
      ...fidelity.statements.flatMap(({ n, says, became }) =>
        became.flatMap((one) =>
          "notModelled" in one ? [`  Not modelled, sentence ${n}: ${says}\n    ${one.notModelled}`] : [],
        ),
      ),
    ].join("\n"),
  );
  const claims = seen.flatMap(({ fidelity }) => fidelity.claims);
  const missed = seen.filter(({ fidelity }) => !holds(fidelity)).map(({ scenario }) => scenario.title);
  const verdict =
    missed.length === 0 ? "every claim holds or is declared" : `out of band: ${missed.join("; ")}`;
  return [...parts, `score ${scoreOf(claims)} of the emergent claims; ${verdict}`].join("\n\n");
}

/** The mean over the seeds, with its 95 % interval, or what came. */
function measuredText(claim: ScenarioFidelity["claims"][number]): string {
  const measured = String(claim.measured ?? "never");
  if (!("seeds" in claim) || claim.seeds === 1) return measured;
  const interval = claim.interval === undefined ? "" : ` (${claim.interval.join(" to ")})`;
  return `${measured}${interval}${claim.held === claim.seeds ? "" : `, held ${claim.held} of ${claim.seeds}`}`;
}

function verdictOf({ ok, contradicted }: JudgedClaim): string {
  if (ok) return "ok";
  return contradicted === undefined ? "NO" : "declared";
}

function bandText(band: ClaimBand): string {
  if ("oneOf" in band) return band.oneOf.join(" or ");
  const { min, max } = band;
  if (min === undefined) return `up to ${max}`;
  return max === undefined ? `from ${min}` : `${min} to ${max}`;
}
