interface NumberFieldProps {
  readonly label: string;
  readonly unit?: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  /** Set apart, as one in which the sides differ. */
  readonly differs?: boolean;
  readonly set: (value: number) => void;
}

/** A number within bounds; what is out of them, or no number, is not taken. */
export const NumberField = ({ label, unit, value, min, max, step = 1, differs, set }: NumberFieldProps) => (
  <label class={differs === true ? "field differs" : "field"}>
    {label}{" "}
    <input
      type="number"
      value={value}
      min={min}
      max={max}
      step={step}
      onChange={({ currentTarget }) => {
        const given = currentTarget.valueAsNumber;
        if (given >= min && given <= max && Number.isInteger(given / step)) set(given);
        else currentTarget.value = String(value);
      }}
    />
    {unit !== undefined && ` ${unit}`}
  </label>
);
