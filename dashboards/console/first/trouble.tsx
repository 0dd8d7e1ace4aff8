import type { Pacing } from "../world/console-world.ts";

interface TroubleProps {
  readonly why: string | undefined;
  readonly pacing: Pacing | undefined;
}

/** Says why the lab is not there, and of a simulated one what to report. */
export const Trouble = ({ why, pacing }: TroubleProps) => (
  <div role="alert" class={why === undefined ? undefined : "trouble"}>
    {why !== undefined && (
      <>
        <p class="bad">{why}</p>
        {pacing && (
          <label>
            This is a bug. Please report it with this: incident, seed and what was done.
            <textarea readOnly rows={6} value={pacing.report()} />
          </label>
        )}
      </>
    )}
  </div>
);
