import { useSignal } from "@preact/signals";
import type { ConsoleState } from "../console-state.ts";
import { Action } from "../parts/action.tsx";
import { span } from "../parts/figures.ts";
import { Region } from "../parts/region.tsx";
import { MECHANISMS, SCOPES, type Scope } from "../../../scenarios/diagnosis.ts";
import type { Trainee } from "../../../lab/trainee/trainee.ts";
import { Looking } from "./looking.tsx";

/** The task, the clock, and what ends it. */
export function Drill({ state, trainee }: { readonly state: ConsoleState; readonly trainee: Trainee }) {
  const drill = state.drill.value;
  const hints = useSignal<readonly string[]>([]);
  return (
    <Region name="Drill" command="check">
      <div class="inside">
        <p role="status">{phaseText(drill?.phase, drill?.secondsSincePage)}</p>
        <Looking subject={`drill ${drill?.id ?? ""}`} read={(options) => trainee.drill({}, options)}>
          {(page) => (
            <>
              {page?.brief !== null && <p>{page?.brief}</p>}
              <p class="soft">{page?.hints.left ?? 0} hints left</p>
              <Diagnose components={page?.components ?? []} trainee={trainee} />
            </>
          )}
        </Looking>
        <p class="line">
          <Action
            title="npx lblab check"
            run={async () => {
              const { ok, felt } = await trainee.check();
              return ok ? "OK: users are well" : `NO: ${felt.join("; ")}`;
            }}
          >
            Check
          </Action>
          <Action
            title="npx lblab hint"
            run={async () => {
              const { hint } = await trainee.hint();
              hints.value = [...hints.value, hint];
            }}
          >
            Hint
          </Action>
          <Action main title="npx lblab end" run={async () => void (await trainee.end())}>
            End
          </Action>
        </p>
        <ol>
          {hints.value.map((hint) => (
            <li key={hint}>{hint}</li>
          ))}
        </ol>
      </div>
    </Region>
  );
}

function phaseText(phase: string | undefined, sincePage: number | undefined): string {
  if (phase === undefined) return "The lab is coming up.";
  if (phase === "ending") return "All units restart once: does the repair last?";
  if (phase === "done") return "The drill is over.";
  if (sincePage !== undefined) return `Paged ${span(sincePage)} ago.`;
  return phase === "briefing" ? "The lab is coming up." : "You are on call. Nothing has rung yet.";
}

function Diagnose({
  components,
  trainee,
}: {
  readonly components: readonly string[];
  readonly trainee: Trainee;
}) {
  const component = useSignal("balancer");
  const mechanism = useSignal("traffic-skewed");
  const scope = useSignal<Scope>("everyone");
  const select = <T extends string>(label: string, words: readonly T[], chosen: { value: T }) => (
    <label>
      {label}{" "}
      <select value={chosen.value} onChange={(e) => void (chosen.value = e.currentTarget.value as T)}>
        {words.map((word) => (
          <option key={word}>{word}</option>
        ))}
      </select>
    </label>
  );
  return (
    <details>
      <summary>Say what it is</summary>
      <p class="line">
        {select("component", components, component)}
        {select("mechanism", Object.keys(MECHANISMS), mechanism)}
        {select("scope", Object.keys(SCOPES) as Scope[], scope)}
        <Action
          title="npx lblab diagnose"
          run={async () => {
            await trainee.diagnose({
              component: component.value,
              mechanism: mechanism.value,
              scope: scope.value,
            });
            return "noted";
          }}
        >
          Diagnose
        </Action>
      </p>
    </details>
  );
}
