import { useSignal } from "@preact/signals";
import type { DrillPage } from "../../../lab/trainee/drill-page.ts";
import type { Trainee } from "../../../lab/trainee/trainee.ts";
import { mechanismsWith, SCOPES, type Scope } from "../../../scenarios/diagnosis.ts";
import { Action } from "../parts/action.tsx";

interface DiagnoseProps {
  readonly page: DrillPage;
  readonly trainee: Trainee;
  readonly disabled: boolean;
}

/** Which part, how it breaks, and who feels it, with the meaning of each word. */
export function Diagnose({ page, trainee, disabled }: DiagnoseProps) {
  const component = useSignal("");
  const mechanism = useSignal("");
  const scope = useSignal<Scope | "">("");
  const { words } = page.drill;
  const mechanisms = mechanismsWith(words);
  const select = <T extends string>(label: string, known: readonly T[], chosen: { value: T | "" }) => (
    <label>
      {label}{" "}
      <select value={chosen.value} onChange={(e) => void (chosen.value = e.currentTarget.value as T)}>
        <option value="">choose one</option>
        {known.map((word) => (
          <option key={word}>{word}</option>
        ))}
      </select>
    </label>
  );
  const about = words?.components?.[component.value];
  return (
    <details open={page.pagedAt !== null}>
      <summary>Say what it is</summary>
      <div class="diagnose">
        {select("component", page.components, component)}
        {about !== undefined && <p class="soft">{about}</p>}
        {select("mechanism", Object.keys(mechanisms), mechanism)}
        <p class="soft">{mechanisms[mechanism.value]}</p>
        {select("scope", Object.keys(SCOPES) as Scope[], scope)}
        <p class="soft">{scope.value !== "" && SCOPES[scope.value]}</p>
        <Action
          title={`npx lblab diagnose --component ${component.value} --mechanism ${mechanism.value} --scope ${scope.value}`}
          disabled={disabled || component.value === "" || mechanism.value === "" || scope.value === ""}
          run={async () => {
            if (scope.value === "") return;
            await trainee.diagnose({
              component: component.value,
              mechanism: mechanism.value,
              scope: scope.value,
            });
            return "noted; the last one counts";
          }}
        >
          Diagnose
        </Action>
      </div>
    </details>
  );
}
