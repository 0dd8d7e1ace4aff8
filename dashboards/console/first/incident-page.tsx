import { useSignal } from "@preact/signals";
import type { MeasureOptions } from "../../../lab/measures/choice.ts";
import { INCIDENTS } from "../incidents.ts";
import type { Speed } from "../world/protocol.ts";
import { Measures } from "./measures-choice.tsx";
import { fragmentOf, optionWords, seedOf, type Place } from "./place.ts";

interface IncidentPageProps {
  readonly place: Extract<Place, { readonly kind: "incident" }>;
  readonly start: (alias: string, seed: number, speed: Speed, measures: MeasureOptions) => void;
}

const SPEEDS: readonly (readonly [string, Speed])[] = [
  ["half as fast as real time", 0.5],
  ["real time", 1],
  ["twice as fast", 2],
  ["5 times as fast", 5],
  ["10 times as fast", 10],
];

/** An incident before its start: what is known of it by then, and no more. */
export function IncidentPage({ place: { alias, seed, speed, measures }, start }: IncidentPageProps) {
  const incident = INCIDENTS.find((one) => one.alias === alias);
  const chosen = useSignal({ seed, speed, measures });
  const choose = (next: Partial<typeof chosen.value>): void => {
    chosen.value = { ...chosen.value, ...next };
    const fragment = fragmentOf({ kind: "incident", alias, ...chosen.value });
    // The link says what is chosen; going back leads to where one came from.
    history.replaceState(null, "", `#${fragment}`);
  };
  if (incident === undefined)
    return (
      <main class="first">
        <h1>{alias}</h1>
        <p>This lab has no incident of that name.</p>
        <p>
          <a href="#">All incidents</a>
        </p>
      </main>
    );
  return (
    <main class="first">
      <p>
        <a href="#">All incidents</a>
      </p>
      <h1>
        {alias} <small class="soft">{incident.difficulty}</small>
      </h1>
      <p class="lead">{incident.brief}</p>
      <p>
        You are on call. When the pager rings, find out what it is, repair it, check that users are well, and
        end the drill. What you open is noted, and shown beside the report's own team after the end.
      </p>
      <p class="line">
        <label>
          seed{" "}
          <input
            type="number"
            min={0}
            value={chosen.value.seed}
            onInput={(e) => choose({ seed: seedOf(e.currentTarget.value) })}
          />
        </label>
        <label>
          speed{" "}
          <select
            value={String(chosen.value.speed)}
            onChange={(e) => choose({ speed: Number(e.currentTarget.value) })}
          >
            {SPEEDS.map(([name, value]) => (
              <option key={name} value={String(value)}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          class="main"
          onClick={() => start(alias, chosen.value.seed, chosen.value.speed, chosen.value.measures)}
        >
          Start {alias}
        </button>
      </p>
      <Measures chosen={chosen.value.measures} choose={(on) => choose({ measures: on })} />
      <p class="soft">
        The same seed is the same drill to the last bit. In a terminal:{" "}
        <code>
          npm start -- {alias} --seed {chosen.value.seed}
          {withText(chosen.value.measures)}
        </code>
      </p>
    </main>
  );
}

/** The flags of a command line. */
const withText = (measures: MeasureOptions): string =>
  [
    ...(Object.keys(measures).length > 0 ? ["", "--with", Object.keys(measures).join(",")] : []),
    ...optionWords(measures).flatMap((word) => ["--measure-option", word]),
  ].join(" ");
