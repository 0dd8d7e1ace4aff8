import { useSignal } from "@preact/signals";
import { acted } from "../parts/acted.ts";
import { Action } from "../parts/action.tsx";
import type { Trainee } from "../../../lab/trainee/trainee.ts";
import { Looking } from "../regions/looking.tsx";
import { settingsOf } from "./settings.ts";

interface UnitSettingsProps {
  readonly unit: string;
  readonly trainee: Trainee;
}

/** The settings that a unit's next start runs with, and one of them changed. */
export function UnitSettings({ unit, trainee }: UnitSettingsProps) {
  const path = useSignal("");
  const value = useSignal("");
  return (
    <Looking subject={`settings ${unit}`} read={(options) => trainee.unitConfig({ unit }, options)}>
      {(config) => {
        const settings = settingsOf(config);
        return (
          <div class="stack">
            <dl class="kv mono">
              {settings.flatMap((one) => [
                <dt key={one.path}>{one.path}</dt>,
                <dd key={`${one.path} value`}>{one.value}</dd>,
              ])}
            </dl>
            <p class="line">
              <label>
                setting{" "}
                <select
                  value={path.value}
                  onChange={(e) => {
                    path.value = e.currentTarget.value;
                    value.value = settings.find((one) => one.path === path.value)?.value ?? "";
                  }}
                >
                  <option value="">choose one</option>
                  {settings.map((one) => (
                    <option key={one.path} value={one.path}>
                      {one.path}
                    </option>
                  ))}
                </select>
              </label>
              <label>
                value{" "}
                <input value={value.value} onInput={(e) => void (value.value = e.currentTarget.value)} />
              </label>
              <Action
                title={`npx lblab unit config ${unit} ${path.value}=${value.value}`}
                disabled={path.value === ""}
                run={async () =>
                  acted(await trainee.act({ do: "unit config", unit, set: { [path.value]: value.value } }))
                }
              >
                Set
              </Action>
            </p>
          </div>
        );
      }}
    </Looking>
  );
}
