import type { MeasureOptions } from "../../../lab/measures/choice.ts";
import { MEASURES } from "../measures.ts";
import { measuresOf, optionWords } from "./place.ts";

interface MeasuresProps {
  readonly chosen: MeasureOptions;
  readonly choose: (measures: MeasureOptions) => void;
}

/** Corrective measures to drill with: each acts under its own name, and may leave nothing to do. */
export function Measures({ chosen, choose }: MeasuresProps) {
  const on = Object.keys(chosen);
  const options = optionWords(chosen);
  return (
    <details open={on.length > 0}>
      <summary>
        Corrective measures{on.length > 0 ? ` on: ${on.join(", ")}` : ": none is on, as in the reports"}
      </summary>
      <p class="soft">
        What would have helped? With a measure on you watch it act, under its own name; it may leave you
        nothing to do. A minute of a measure is six seconds here.
      </p>
      <ul class="measures">
        {MEASURES.map(({ name, does }) => (
          <li key={name}>
            <label>
              <input
                type="checkbox"
                checked={on.includes(name)}
                onChange={(e) =>
                  choose(
                    measuresOf(
                      e.currentTarget.checked ? [...on, name] : on.filter((one) => one !== name),
                      options,
                    ),
                  )
                }
              />{" "}
              <b>{name}</b> <span class="soft">{does}</span>
            </label>
          </li>
        ))}
      </ul>
      <label>
        options, as <code>canary.start=20%</code>, with spaces between them{" "}
        <input
          class="wide mono"
          value={options.join(" ")}
          onChange={(e) => choose(measuresOf(on, e.currentTarget.value.split(/\s+/)))}
        />
      </label>
    </details>
  );
}
