import type { ConsoleState } from "../console-state.ts";
import { Action } from "../parts/action.tsx";
import { clockTime } from "../parts/figures.ts";
import { Region } from "../parts/region.tsx";
import type { Trainee } from "../../../lab/trainee/trainee.ts";
import type { AlertView } from "../../../lab/observe/alert-log.ts";

/** What rings, what only informs, and what was. */
export function Pager({ state, trainee }: { readonly state: ConsoleState; readonly trainee: Trainee }) {
  const alerts = state.status.value?.alerts ?? [];
  const firing = alerts.filter((alert) => alert.state === "firing");
  const pages = firing.filter(({ severity }) => severity === "page");
  const informs = firing.filter(({ severity }) => severity === "inform");
  const past = alerts.filter((alert) => alert.state === "resolved");
  return (
    <Region name="Pager" command="alerts">
      <ul class="list">
        {pages.map((alert) => (
          <Alert key={`${alert.name}${alert.activeAt}`} alert={alert} />
        ))}
      </ul>
      {pages.length === 0 && <p class="soft inside">Nobody is paged.</p>}
      {informs.length > 0 && (
        <details class="inside">
          <summary>{informs.length} that inform</summary>
          <ul class="list">
            {informs.map((alert) => (
              <Alert key={`${alert.name}${alert.activeAt}`} alert={alert} />
            ))}
          </ul>
        </details>
      )}
      {past.length > 0 && (
        <details class="inside">
          <summary>{past.length} that ended</summary>
          <ul class="list">
            {past.map((alert) => (
              <Alert key={`${alert.name}${alert.activeAt}`} alert={alert} />
            ))}
          </ul>
        </details>
      )}
      <div class="inside">
        <Action
          disabled={!pages.some(({ acknowledged }) => acknowledged === undefined)}
          run={async () => void (await trainee.acknowledge({}))}
          title="npx lblab alerts ack"
        >
          Acknowledge
        </Action>
      </div>
    </Region>
  );
}

const Alert = ({ alert }: { readonly alert: AlertView }) => (
  <li>
    <span class={alert.severity === "page" && alert.state === "firing" ? "mono bad" : "mono soft"}>
      {clockTime(alert.firedAt ?? alert.activeAt)}
    </span>
    <span>
      <b>{alert.name}</b> {alert.acknowledged && <span class="soft">acknowledged</span>}
      <br />
      {alert.summary}
    </span>
  </li>
);
