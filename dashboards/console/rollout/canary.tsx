import type { CanaryJudgement, CanaryStatus } from "../../../lb/config/rollout/canary.ts";
import type { Trainee } from "../../../lab/trainee/trainee.ts";
import { acted } from "../parts/acted.ts";
import { Action } from "../parts/action.tsx";
import { clockTime, milliseconds } from "../parts/figures.ts";
import { ShareBar } from "../parts/share-bar.tsx";
import { canaryText, failedText, sharesOf } from "./canary-words.ts";

interface CanaryProps {
  readonly canary: CanaryStatus | null;
  /** Of upstreams, by their addresses. */
  readonly names: ReadonlyMap<string, string>;
  readonly trainee: Trainee;
}

/** The canary that runs, or the last one: what both arms' users met, every verdict with its reasons, and what ends it. */
export function Canary({ canary, names, trainee }: CanaryProps) {
  if (canary === null) return <p class="soft">No canary has run.</p>;
  const runs = canary.phase === "growing" || canary.phase === "baking";
  const last = canary.judgements.at(-1);
  return (
    <div class="stack" role="group" aria-label="Canary">
      <p role="status">{canaryText(canary)}</p>
      {canary.problem !== undefined && <p class="bad">{canary.problem}</p>}
      <p class="line">
        {(["promote", "abort"] as const).map((verb) => (
          <Action
            key={verb}
            title={`npx lblab config ${verb}`}
            disabled={!runs}
            run={async () => acted(await trainee.act({ do: `config ${verb}` }))}
          >
            {verb === "promote" ? "Promote" : "Abort"}
          </Action>
        ))}
      </p>
      {last ? <Arms judgement={last} names={names} /> : <p class="soft">There is no verdict yet.</p>}
      <ol class="list flush" aria-label="Verdicts">
        {canary.judgements.toReversed().map(({ at, share, verdict, reasons }) => (
          <li key={at}>
            <time class="mono soft" dateTime={new Date(at).toISOString()}>
              {clockTime(at)}
            </time>
            <span>
              <b class={verdict === "worse" ? "bad" : undefined}>{verdict}</b> at {Math.round(share * 100)} %:{" "}
              {reasons.map(({ message }) => message).join("; ")}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}

/** Both arms of a verdict, side by side; shares of the upstreams as bars with their numbers. */
const Arms = ({
  judgement: { canary, baseline, at },
  names,
}: Pick<CanaryProps, "names"> & { readonly judgement: CanaryJudgement }) => (
  <table class="arms">
    <caption>Both arms up to {clockTime(at)} UTC</caption>
    <thead>
      <tr>
        <td />
        <th scope="col">canary</th>
        <th scope="col">baseline</th>
      </tr>
    </thead>
    <tbody>
      <tr>
        <th scope="row">failed</th>
        <td class={canary.failures > baseline.failures ? "bad" : undefined}>{failedText(canary)}</td>
        <td>{failedText(baseline)}</td>
      </tr>
      <tr>
        <th scope="row">p95</th>
        <td>{milliseconds(canary.p95Ms)}</td>
        <td>{milliseconds(baseline.p95Ms)}</td>
      </tr>
      {sharesOf(canary, baseline).map((one) => (
        <tr key={one.upstream}>
          <th scope="row" title={one.upstream}>
            {names.get(one.upstream) ?? one.upstream}
          </th>
          <td>
            <ShareBar ratio={one.canary} />
          </td>
          <td>
            <ShareBar ratio={one.baseline} />
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);
