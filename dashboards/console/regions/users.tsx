import type { Trainee } from "../../../lab/trainee/trainee.ts";
import type { ConsoleState } from "../console-state.ts";
import { useAtMost } from "../parts/at-most.ts";
import { Region } from "../parts/region.tsx";
import { marksOf } from "../users/marks.ts";
import { SendRequest } from "../users/send-request.tsx";
import { UsersChart } from "../users/users-chart.tsx";

/** What the judge sees of the users, with marks for what happened, and a request as any of them sends it. */
export function Users({ state, trainee }: { readonly state: ConsoleState; readonly trainee: Trainee }) {
  const points = useAtMost(state.points, 1000).value;
  return (
    <Region name="Users" about="what they feel, over 10 s" command="status">
      <div class="inside">
        <UsersChart points={points} marks={marksOf(state.journal.value, state.changes.value)} />
        <SendRequest trainee={trainee} listener={state.status.value?.listener ?? "127.0.0.1:8080"} />
      </div>
    </Region>
  );
}
