import { useSignal } from "@preact/signals";
import type { ConsoleState } from "../console-state.ts";
import { Action } from "../parts/action.tsx";
import { Region } from "../parts/region.tsx";
import type { ConsoleWorld } from "../world/console-world.ts";
import { Looking } from "./looking.tsx";

/** What it was and how it went; there is nothing to see before the end. */
export function Debrief({ state, world }: { readonly state: ConsoleState; readonly world: ConsoleWorld }) {
  const link = useSignal("");
  if (state.phase.value !== "done") return null;
  const { pacing } = world;
  return (
    <Region name="Debrief" command="debrief">
      <Looking subject="debrief" everyMs={60_000} read={(options) => world.trainee.debrief({}, options)}>
        {({ result, incident }) => (
          <div class="inside">
            <p class="big">
              {result.check === "OK" ? "OK" : "NO"}: {incident.title}
            </p>
            <dl class="kv">
              <dt>user-minutes lost</dt>
              <dd>
                {result.measured.userMinutesLostPer1000 ?? "–"} per 1,000 users; the report's team:{" "}
                {incident.report.userMinutesLostPer1000}
              </dd>
              <dt>users well again</dt>
              <dd>
                {result.measured.secondsToRestore === null
                  ? "not reached"
                  : `${Math.round(result.measured.secondsToRestore)} s`}
                ; report: {incident.report.minutes.restore} min
              </dd>
              <dt>impact</dt>
              <dd>{incident.report.impact}</dd>
            </dl>
            <h3>What decided it</h3>
            <ul>
              {incident.evidence.map(({ look, shows }) => (
                <li key={look}>
                  <code>{look}</code> {shows}
                </li>
              ))}
            </ul>
            {incident.answer !== null && <pre class="prose">{incident.answer}</pre>}
          </div>
        )}
      </Looking>
      {pacing && (
        <p class="inside">
          <Action
            title="npx lblab replay LINK"
            run={async () => {
              const { fragment, digest } = await pacing.handOver();
              link.value = fragment === undefined ? "" : `${location.href.split("#")[0]}#${fragment}`;
              return `digest ${digest}`;
            }}
          >
            Link that replays this drill
          </Action>
          {link.value !== "" && <input class="wide" readOnly value={link.value} aria-label="Link" />}
        </p>
      )}
    </Region>
  );
}
