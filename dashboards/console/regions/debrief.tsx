import { useEffect, useRef } from "preact/hooks";
import { storyChart } from "../../../lab/chart/story-chart.ts";
import type { JournalLine } from "../../../lab/drill/events.ts";
import type { Debrief as Answer } from "../../../lab/trainee/debrief.ts";
import type { ConsoleState, UsersPoint } from "../console-state.ts";
import { INCIDENTS } from "../incidents.ts";
import { Drawn } from "../parts/drawn.tsx";
import { clockTime } from "../parts/figures.ts";
import { Prose } from "../parts/prose.tsx";
import { Region } from "../parts/region.tsx";
import type { ConsoleWorld } from "../world/console-world.ts";
import { evidenceSeen, ledAstray, reportStretches, stepsOf, stretchesOf } from "./debrief-facts.ts";
import { HandOn } from "./hand-on.tsx";
import { KeepRecord } from "./keep-record.tsx";
import { Looking } from "./looking.tsx";
import { SavedBy } from "./saved-by.tsx";
import { Verdict } from "./verdict.tsx";

/** What it was and how it went; there is nothing to see before the end. */
export function Debrief({ state, world }: { readonly state: ConsoleState; readonly world: ConsoleWorld }) {
  // A live lab ends soon after it: its journal says so first.
  const isOver =
    state.phase.value === "done" || state.journal.value.some(({ event }) => event === "debriefed");
  const place = useRef<HTMLDivElement>(null);
  // What ended the drill can be pressed no longer: who has read to there reads on here.
  useEffect(() => place.current?.focus(), [isOver]);
  if (!isOver) return null;
  return (
    <div ref={place} tabIndex={-1} class="place">
      <Region name="Debrief" command="debrief">
        <Looking subject="debrief" everyMs={60_000} read={(options) => world.trainee.debrief({}, options)}>
          {(debrief) => (
            <div class="inside debrief">
              <p class="big">{debrief.incident.title}</p>
              <Verdict debrief={debrief} />
              <Story debrief={debrief} journal={state.journal.value} points={state.points.value} />
              <Evidence debrief={debrief} journal={state.journal.value} points={state.points.value} />
              <h3>What happened in report {debrief.incident.report.number}</h3>
              {debrief.incident.answer !== null && <Prose text={debrief.incident.answer} />}
              <h3>What the report asks for</h3>
              <ul>
                {debrief.incident.report.measures.map((measure) => (
                  <li key={measure}>{measure}</li>
                ))}
              </ul>
              {world.pacing ? (
                <SavedBy debrief={debrief} pacing={world.pacing} />
              ) : (
                <p class="soft">
                  What would have helped: <code>npx lblab debrief</code> says what each measure of the report
                  would have saved of this run. A live drill cannot be run again with one on.
                </p>
              )}
              <Next alias={debrief.incident.alias} kind={world.kind} />
            </div>
          )}
        </Looking>
        {world.pacing ? (
          <HandOn pacing={world.pacing} />
        ) : (
          <KeepRecord journal={state.journal.value} points={state.points.value} />
        )}
      </Region>
    </div>
  );
}

interface Lived {
  readonly debrief: Answer;
  readonly journal: readonly JournalLine[];
  readonly points: readonly UsersPoint[];
}

const timeOf = (journal: readonly JournalLine[], event: JournalLine["event"]): number | undefined => {
  const at = journal.find((line) => line.event === event)?.at;
  return at === undefined ? undefined : Date.parse(at);
};

/** When the drill's own part ends: what follows is the judge's restart. */
const endOf = (journal: readonly JournalLine[]): number =>
  timeOf(journal, "ending") ?? Date.parse(journal.at(-1)?.at ?? "");

/** One time axis: what users felt, your steps, the report's team. */
function Story({ debrief: { result, incident }, journal, points }: Lived) {
  const [begin, end] = [timeOf(journal, "changed"), endOf(journal)];
  const wrong = new Set(result.wrongBecause.map(({ action }) => action));
  const team = begin === undefined ? [] : reportStretches(incident.report, begin);
  const marks = (["changed", "paged", "ending", "restarted"] as const).flatMap((event) => {
    const at = timeOf(journal, event);
    const text = { changed: "change", paged: "page", ending: "end", restarted: "restarted" }[event];
    return at === undefined ? [] : [{ at, text }];
  });
  const to = Math.max(end, points.at(-1)?.at ?? end, ...team.map((stretch) => stretch.to));
  const yours = stretchesOf(stepsOf(journal, wrong), end);
  return (
    <figure>
      <figcaption>
        <h3>What happened</h3>
        <span class="soft">
          UTC; a minute of the report is a second here: its team took{" "}
          {incident.report.minutes.restore ?? "an unknown number of"} minutes
        </span>
      </figcaption>
      <Drawn
        svg={storyChart({
          failed: points.map(({ at, failedRatio }) => [at, failedRatio]),
          marks,
          lanes: [
            { name: "you", stretches: yours },
            { name: "the report's team", stretches: team },
          ],
          from: Math.min(begin ?? end, points[0]?.at ?? end),
          to,
          label: "Share of requests that fail, your steps and those of the report's team on one time axis",
        })}
      />
      <details>
        <summary>The same in words</summary>
        <ol>
          {yours.map(({ from, text }) => (
            <li key={from}>
              <span class="mono soft">{clockTime(from)}</span> {text}
            </li>
          ))}
        </ol>
        <ol>
          {incident.report.timeline.map(({ minute, event }) => (
            <li key={minute}>
              <span class="mono soft">report, minute {minute}</span> {event}
            </li>
          ))}
        </ol>
      </details>
    </figure>
  );
}

const HOW = { seen: "seen", missed: "missed", shown: "on the page" } as const;

/** What decided it, and what led astray. */
function Evidence({ debrief: { incident, result }, journal, points }: Lived) {
  const end = timeOf(journal, "ending") ?? Infinity;
  return (
    <div class="two">
      <div>
        <h3>What decided it</h3>
        <ul class="list">
          {evidenceSeen(incident.evidence, journal).map(({ look, shows, how, at }) => (
            <li key={`${look}${shows}`}>
              <span class={how === "seen" ? "mono ok" : "mono soft"}>{HOW[how]}</span>
              <span>
                {shows} {at !== undefined && <span class="soft">{clockTime(at)}</span>}
                <br />
                <code class="soft">{look}</code>
              </span>
            </li>
          ))}
        </ul>
      </div>
      <div>
        <h3>What led astray</h3>
        <ul class="list">
          {ledAstray(incident.falseLeads, journal, points, end).map(
            ({ looksLike, refutedBy, minutes, userMinutes }) => (
              <li key={looksLike}>
                <span class={minutes > 0 ? "mono" : "mono soft"}>
                  {minutes > 0 ? `${minutes} min` : "not taken"}
                </span>
                <span>
                  {looksLike}: {refutedBy}
                  {minutes > 0 && (
                    <>
                      {" "}
                      <span class="bad">
                        meanwhile users lost {userMinutes.toFixed(0)} user-minutes per 1,000
                      </span>
                    </>
                  )}
                </span>
              </li>
            ),
          )}
          {result.wrongBecause.map(({ at, action, detail }) => (
            <li key={`${at}${action}`}>
              <span class="mono bad">{clockTime(at)}</span>
              <span>
                <code>{action}</code>: {detail}
              </span>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

/** The next incident in the order of how hard they are. */
function Next({ alias, kind }: { readonly alias: string; readonly kind: ConsoleWorld["kind"] }) {
  const at = INCIDENTS.findIndex((one) => one.alias === alias);
  const next = INCIDENTS[(at + 1) % INCIDENTS.length];
  if (next === undefined) return null;
  // A lab is started where it runs.
  if (kind === "live")
    return (
      <p>
        Next: <code>npm start -- {next.alias}</code>, or this one with another seed:{" "}
        <code>npm start -- {alias} --seed 2</code>
      </p>
    );
  return (
    <p>
      <a href={`#incident=${next.alias}`}>Next: {next.alias}</a>, or{" "}
      <a href={`#incident=${alias}&seed=2`}>this one with another seed</a>
    </p>
  );
}
