import { useSignal } from "@preact/signals";
import type { DrillPage } from "../../../lab/trainee/drill-page.ts";
import type { Trainee } from "../../../lab/trainee/trainee.ts";
import type { ConsoleState } from "../console-state.ts";
import { Action } from "../parts/action.tsx";
import { useAtMost } from "../parts/at-most.ts";
import { clockTime } from "../parts/figures.ts";
import { Prose } from "../parts/prose.tsx";
import { Region } from "../parts/region.tsx";
import { userMinutesLost } from "./debrief-facts.ts";
import { Diagnose } from "./diagnose.tsx";
import { actsSoFar, checkText, clock, lastCheckWasOk, phaseText } from "./drill-figures.ts";
import { Looking } from "./looking.tsx";

interface DrillProps {
  readonly state: ConsoleState;
  readonly trainee: Trainee;
}

/** The task, the clock, what users have lost, and what ends it. */
export function Drill({ state, trainee }: DrillProps) {
  // Its seconds are all that is shown of it.
  const drill = useAtMost(state.drill, 500).value;
  const over = drill === undefined || drill.phase === "done" || drill.phase === "ending";
  return (
    <Region name="Drill" command="check">
      <div class="inside stack">
        <p role="status">{phaseText(state.status.peek() === undefined ? undefined : (drill ?? null))}</p>
        <Looking subject={`drill ${drill?.id ?? ""}`} read={(options) => trainee.drill({}, options)}>
          {(page) =>
            page !== null && (
              <>
                {page.brief !== null && <Prose text={page.brief} />}
                {page.briefing !== null && <Prose text={page.briefing} />}
                <Clock state={state} page={page} />
                <Diagnose page={page} trainee={trainee} disabled={over} />
                <Hints page={page} trainee={trainee} disabled={over} />
              </>
            )
          }
        </Looking>
        <p class="line">
          <Action title="npx lblab check" disabled={over} run={async () => checkText(await trainee.check())}>
            Check
          </Action>
          <End trainee={trainee} disabled={over} isWell={lastCheckWasOk(state.journal.value)} />
        </p>
        <Done state={state} />
      </div>
    </Region>
  );
}

function Clock({ state, page }: { readonly state: ConsoleState; readonly page: DrillPage }) {
  const now = useAtMost(state.now, 500).value;
  const points = useAtMost(state.points, 1000).value;
  const left = useAtMost(state.drill, 500).value?.secondsLeft;
  const from = page.pagedAt ?? undefined;
  const { diagnosis } = page;
  return (
    <dl class="kv">
      <dt>clock</dt>
      <dd class="mono">
        {clockTime(now)} UTC
        {left !== undefined && `, ${clock(left)} left`}
        {page.pass?.restoreWithinMinutes !== undefined &&
          `, users well within ${page.pass.restoreWithinMinutes} min passes`}
      </dd>
      <dt>lost so far</dt>
      <dd>
        {page.steadyAt === null
          ? "–"
          : `${userMinutesLost(points, page.steadyAt).toFixed(0)} user-minutes per 1,000 users`}
      </dd>
      <dt>paged</dt>
      <dd>{from === undefined ? "not yet" : clockTime(from)}</dd>
      <dt>said</dt>
      <dd>
        {diagnosis === null
          ? "no diagnosis yet"
          : `${diagnosis.component} · ${diagnosis.mechanism} · ${diagnosis.scope}`}
      </dd>
    </dl>
  );
}

interface PartProps {
  readonly page: DrillPage;
  readonly trainee: Trainee;
  readonly disabled: boolean;
}

function Hints({ page: { hints }, trainee, disabled }: PartProps) {
  const more = useSignal<readonly string[]>([]);
  const taken = hints.taken.length >= more.value.length ? hints.taken : more.value;
  const left = hints.left + hints.taken.length - taken.length;
  return (
    <>
      <ol>
        {taken.map((hint) => (
          <li key={hint}>{hint}</li>
        ))}
      </ol>
      <p class="line">
        <Action
          title="npx lblab hint"
          disabled={disabled || left <= 0}
          run={async () => {
            const { hint } = await trainee.hint();
            more.value = taken.includes(hint) ? taken : [...taken, hint];
          }}
        >
          Hint
        </Action>
        <span class="soft">
          {left} left;{" "}
          {hints.allowed === null
            ? "they cost nothing but are counted"
            : `${hints.allowed} are allowed, one more fails the drill`}
        </span>
      </p>
    </>
  );
}

interface EndProps extends Pick<PartProps, "trainee" | "disabled"> {
  /** The last check found users well. */
  readonly isWell: boolean;
}

/** Asked once more unless the last check was OK: there is no way back. */
function End({ trainee, disabled, isWell }: EndProps) {
  const asked = useSignal(false);
  if (isWell && !asked.value)
    return (
      <Action main title="npx lblab end" disabled={disabled} run={async () => void (await trainee.end())}>
        End
      </Action>
    );
  if (!asked.value || disabled)
    return (
      <button
        type="button"
        class="main"
        title="npx lblab end"
        disabled={disabled}
        onClick={() => void (asked.value = true)}
      >
        End
      </button>
    );
  return (
    <span class="line" role="group" aria-label="End the drill?">
      No check has found users well. All units restart once, then it is judged.
      <Action main title="npx lblab end" run={async () => void (await trainee.end())}>
        Yes, end it
      </Action>
      <button type="button" onClick={() => void (asked.value = false)}>
        Go on
      </button>
    </span>
  );
}

function Done({ state }: Pick<DrillProps, "state">) {
  const acts = actsSoFar(state.journal.value);
  return acts.length === 0 ? null : (
    <details open>
      <summary>Done so far</summary>
      <ul class="list">
        {acts.map(({ at, text, ok }, i) => (
          <li key={acts.length - i}>
            <span class="mono soft">{clockTime(at)}</span>
            <span class={ok ? undefined : "soft"}>{text}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
