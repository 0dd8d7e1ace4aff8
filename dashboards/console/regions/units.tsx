import { useSignal } from "@preact/signals";
import { acted } from "../parts/acted.ts";
import { Action } from "../parts/action.tsx";
import { Opened } from "../parts/opened.tsx";
import { Region } from "../parts/region.tsx";
import { UnitSettings } from "../units/unit-settings.tsx";
import { logLineText } from "../../../lab/trainee/log-line.ts";
import type { Trainee } from "../../../lab/trainee/trainee.ts";
import { Looking } from "./looking.tsx";

const VERBS = ["start", "stop", "restart", "kill", "enable", "disable"] as const;

/** Units with their states and actions, the ports, and log and settings of the unit that was opened. */
export function Units({ trainee }: { readonly trainee: Trainee }) {
  const unit = useSignal("");
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
                    <button
                      type="button"
                      class="plain"
                      aria-pressed={unit.value === name}
                      title={`npx lblab logs ${name}`}
                      onClick={() => void (unit.value = name)}
                    >
                      {name}
                    </button>
                  </th>
                  <td title={reason}>{state}</td>
                  <td>{enabled ? "yes" : "no"}</td>
                  <td class="r">{restarts}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Looking>
      {unit.value !== "" && <Unit key={unit.value} unit={unit.value} trainee={trainee} />}
      <div class="inside stack">
        <Opened summary="Access log of the balancer">
          {() => <Log key="access" unit="access" trainee={trainee} />}
        </Opened>
        <Opened summary="Ports">{() => <Ports trainee={trainee} />}</Opened>
      </div>
    </Region>
  );
}

interface OfUnit {
  readonly unit: string;
  readonly trainee: Trainee;
}

const Unit = ({ unit, trainee }: OfUnit) => (
  <div class="inside stack">
    <h3>{unit}</h3>
    <p class="line">
      {VERBS.map((verb) => (
        <Action
          key={verb}
          title={`npx lblab unit ${verb} ${unit}`}
          run={async () => acted(await trainee.act({ do: `unit ${verb}`, unit }))}
        >
          {verb}
        </Action>
      ))}
    </p>
    <Log unit={unit} trainee={trainee} />
    <Opened summary="Settings">{() => <UnitSettings unit={unit} trainee={trainee} />}</Opened>
  </div>
);

/** The end of a log, a line for people each; what is searched for is looked for in what the unit wrote. */
function Log({ unit, trainee }: OfUnit) {
  const search = useSignal("");
  return (
    <>
      <label>
        search in {unit}'s log{" "}
        <input value={search.value} onInput={(e) => void (search.value = e.currentTarget.value)} />
      </label>
      <Looking subject={`log ${unit}`} read={(options) => trainee.logs({ unit, lines: 200 }, options)}>
        {(lines) => {
          const wanted = search.value.toLowerCase();
          const found = lines
            .map((line) => ({ line, text: logLineText(line) }))
            .filter(({ line, text }) => `${line} ${text}`.toLowerCase().includes(wanted));
          return (
            <>
              <p class="soft">
                {found.length} of the last {lines.length} lines, latest first{" "}
                <code>npx lblab logs {unit}</code>
              </p>
              <pre tabIndex={0} aria-label={`Log of ${unit}`}>
                {found
                  .toReversed()
                  .map(({ text }) => text)
                  .join("\n")}
              </pre>
            </>
          );
        }}
      </Looking>
    </>
  );
}

const Ports = ({ trainee }: { readonly trainee: Trainee }) => (
  <Looking subject="ports" read={(options) => trainee.ports({}, options)}>
    {(ports) => (
      <table>
        <caption class="soft">
          who listens <code>npx lblab ps</code>
        </caption>
        <thead>
          <tr>
            <th scope="col" class="r">
              port
            </th>
            <th scope="col">unit</th>
            <th scope="col">program</th>
            <th scope="col" class="r">
              pid
            </th>
          </tr>
        </thead>
        <tbody>
          {ports.map(({ port, pid, program, unit }) => (
            <tr key={port}>
              <th scope="row" class="r">
                {port}
              </th>
              <td>{unit ?? "–"}</td>
              <td>{program ?? "–"}</td>
              <td class="r">{pid ?? "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
  </Looking>
);
