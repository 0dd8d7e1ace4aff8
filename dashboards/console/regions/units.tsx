import { useSignal } from "@preact/signals";
import { Action } from "../parts/action.tsx";
import { Region } from "../parts/region.tsx";
import type { Trainee } from "../../../lab/trainee/trainee.ts";
import { Looking } from "./looking.tsx";

const VERBS = ["start", "stop", "restart", "kill", "enable", "disable"] as const;

/** Units with their states and actions, the ports, and the log of the unit that was opened. */
export function Units({ trainee }: { readonly trainee: Trainee }) {
  const unit = useSignal("");
  const search = useSignal("");
  return (
    <Region name="Units" command="ps">
      <Looking subject="units" read={(options) => trainee.units({}, options)}>
        {(units) => (
          <table>
            <thead>
              <tr>
                <th scope="col">unit</th>
                <th scope="col">state</th>
                <th scope="col">enabled</th>
                <th scope="col" class="r">
                  restarts
                </th>
              </tr>
            </thead>
            <tbody>
              {units.map(({ name, state, enabled, restarts, reason }) => (
                <tr key={name} class={unit.value === name ? "sel" : undefined}>
                  <th scope="row">
                    <button type="button" class="plain" onClick={() => void (unit.value = name)}>
                      {name}
                    </button>
                  </th>
                  <td class={state === "active" ? "ok" : "bad"} title={reason}>
                    {state}
                  </td>
                  <td>{enabled ? "yes" : "no"}</td>
                  <td class="r">{restarts}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Looking>
      {unit.value !== "" && (
        <div class="inside">
          <h3>{unit.value}</h3>
          <p class="line">
            {VERBS.map((verb) => (
              <Action
                key={verb}
                title={`npx lblab unit ${verb} ${unit.value}`}
                run={async () => (await trainee.act({ do: `unit ${verb}`, unit: unit.value })).message}
              >
                {verb}
              </Action>
            ))}
          </p>
          <label>
            search the log{" "}
            <input value={search.value} onInput={(e) => void (search.value = e.currentTarget.value)} />
          </label>
          <Looking
            subject={`log ${unit.value}`}
            read={(options) => trainee.logs({ unit: unit.value, lines: 200 }, options)}
          >
            {(lines) => (
              <pre tabIndex={0}>{lines.filter((line) => line.includes(search.value)).join("\n")}</pre>
            )}
          </Looking>
        </div>
      )}
      <details class="inside">
        <summary>Ports</summary>
        <Ports trainee={trainee} />
      </details>
    </Region>
  );
}

/** Read when it is opened: what nobody opened was not seen. */
function Ports({ trainee }: { readonly trainee: Trainee }) {
  const text = useSignal("");
  return (
    <p>
      <Action
        title="npx lblab ps"
        run={async () => {
          text.value = JSON.stringify(await trainee.ports(), undefined, 1);
        }}
      >
        Show who listens
      </Action>
      {text.value !== "" && <pre tabIndex={0}>{text.value}</pre>}
    </p>
  );
}
