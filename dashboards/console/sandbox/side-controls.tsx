import { POLICY_TYPES, type PolicyType } from "../../../lb/policies/index.ts";
import type { SideSetting } from "../../../lab/sandbox/setting.ts";
import { NumberField } from "./number-field.tsx";

interface SideControlsProps {
  readonly name: string;
  readonly side: SideSetting;
  /** The other side, from which it may differ. */
  readonly other: SideSetting | undefined;
  readonly set: (change: Partial<SideSetting>) => void;
}

const NUMBERS = [
  ["retries", "retries", "", 0, 5],
  ["retryBudgetPercent", "retry budget", "%", 0, 100],
  ["timeoutMs", "timeout", "ms", 50, 10_000],
  ["maxConnections", "limit each", "", 1, 1000],
  ["slowStartSeconds", "slow start", "s", 0, 60],
] as const;

/** The balancer's settings of one side; those in which the sides differ are set apart. */
export function SideControls({ name, side, other, set }: SideControlsProps) {
  const differs = (key: keyof SideSetting): boolean => other !== undefined && other[key] !== side[key];
  return (
    <div class="line side-controls" role="group" aria-label={`Settings of ${name}`}>
      <label class={differs("policy") ? "field differs" : "field"}>
        policy{" "}
        <select
          value={side.policy}
          onChange={({ currentTarget }) => set({ policy: currentTarget.value as PolicyType })}
        >
          {POLICY_TYPES.map((type) => (
            <option key={type}>{type}</option>
          ))}
        </select>
      </label>
      {NUMBERS.map(([key, label, unit, min, max]) => (
        <NumberField
          key={key}
          label={label}
          unit={unit}
          value={side[key]}
          min={min}
          max={max}
          differs={differs(key)}
          set={(value) => set({ [key]: value })}
        />
      ))}
      <label class={differs("healthChecks") ? "field differs" : "field"}>
        <input
          type="checkbox"
          checked={side.healthChecks}
          onChange={({ currentTarget }) => set({ healthChecks: currentTarget.checked })}
        />{" "}
        health checks
      </label>
    </div>
  );
}
