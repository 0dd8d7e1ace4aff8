import type { ComponentChildren } from "preact";

interface ScrubberProps {
  readonly name: string;
  readonly value: number;
  readonly most: number;
  readonly step: number;
  /** A value as a time. */
  readonly textOf: (value: number) => string;
  /** A value was chosen. `follows`: also while somebody still moves it. */
  readonly onChosen: (value: number) => void;
  readonly follows?: boolean;
  /** Its buttons. */
  readonly children: ComponentChildren;
}

/** A place in a recorded time, from 0 to its end, to be moved by hand. */
export function Scrubber({
  name,
  value,
  most,
  step,
  textOf,
  onChosen,
  follows = false,
  children,
}: ScrubberProps) {
  // Its last place is its end, wherever that lies between two steps.
  const placeOf = (at: number): number => Math.ceil(at / step) * step;
  const choose = (e: { readonly currentTarget: HTMLInputElement }): void =>
    onChosen(Math.min(most, e.currentTarget.valueAsNumber));
  return (
    <div class="replay" role="group" aria-label={name}>
      <label>
        {name.toLowerCase()}{" "}
        <input
          type="range"
          min={0}
          max={placeOf(most)}
          step={step}
          value={placeOf(value)}
          aria-valuetext={`${textOf(value)} of ${textOf(most)}`}
          {...(follows ? { onInput: choose } : { onChange: choose })}
        />
      </label>
      <span class="mono">
        {textOf(value)} of {textOf(most)}
      </span>
      {children}
    </div>
  );
}
