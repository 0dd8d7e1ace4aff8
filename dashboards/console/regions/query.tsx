import { useSignal } from "@preact/signals";
import { Action } from "../parts/action.tsx";
import { Region } from "../parts/region.tsx";
import type { Trainee } from "../../../lab/trainee/trainee.ts";

/** PromQL, at this moment. */
export function Query({ trainee }: { readonly trainee: Trainee }) {
  const query = useSignal("sum by (upstream) (rate(lb_upstream_requests_total[15s]))");
  const answer = useSignal("");
  return (
    <Region name="Query" command="query 'PROMQL'">
      <form class="inside" onSubmit={(event) => event.preventDefault()}>
        <label>
          <span class="hidden">PromQL</span>
          <input
            class="wide mono"
            value={query.value}
            onInput={(e) => void (query.value = e.currentTarget.value)}
          />
        </label>
        <Action
          run={async () => {
            answer.value = JSON.stringify(await trainee.query({ query: query.value }), undefined, 1);
          }}
        >
          Ask
        </Action>
        {answer.value !== "" && <pre tabIndex={0}>{answer.value}</pre>}
      </form>
    </Region>
  );
}
