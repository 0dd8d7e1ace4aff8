import { useSignal } from "@preact/signals";
import type { ConsoleState } from "../console-state.ts";
import { acted } from "../parts/acted.ts";
import { Action } from "../parts/action.tsx";
import { useAtMost } from "../parts/at-most.ts";
import { clockTime } from "../parts/figures.ts";
import { Opened } from "../parts/opened.tsx";
import { Region } from "../parts/region.tsx";
import type { AlertView } from "../../../lab/observe/alert-log.ts";
import { matcherText } from "../../../lab/observe/pager/matcher-text.ts";
import { labelMatcher } from "../../../lab/observe/pager/silence-view.ts";
import { matcherOf } from "../../../lab/trainee/matcher.ts";
import type { Trainee } from "../../../lab/trainee/trainee.ts";
import { Looking } from "./looking.tsx";

/** What rings, what only informs, what is kept quiet, and what was. */
export function Pager({ state, trainee }: { readonly state: ConsoleState; readonly trainee: Trainee }) {
  const alerts = useAtMost(state.status, 500).value?.alerts ?? [];
  const firing = alerts.filter((alert) => alert.state === "firing");
  const pages = firing.filter(({ severity }) => severity === "page");
  const informs = firing.filter(({ severity }) => severity === "inform");
  const past = alerts.filter((alert) => alert.state === "resolved");
  return (
    <Region name="Pager" command="alerts">
      {pages.length === 0 && <p class="soft inside">Nobody is paged.</p>}
      <Alerts alerts={pages} />
      <div class="inside stack">
        <Action
          disabled={!pages.some(({ acknowledged }) => acknowledged === undefined)}
          run={async () => void (await trainee.acknowledge({}))}
          title="npx lblab alerts ack"
        >
          Acknowledge
        </Action>
        {informs.length > 0 && (
          <Opened summary={`${informs.length} that inform`}>{() => <Alerts alerts={informs} />}</Opened>
        )}
        {past.length > 0 && (
          <Opened summary={`${past.length} that ended`}>{() => <Alerts alerts={past.toReversed()} />}</Opened>
        )}
        <Opened summary="Silences">
          {() => <Silences trainee={trainee} names={[...new Set(firing.map(({ name }) => name))]} />}
        </Opened>
      </div>
    </Region>
  );
}

const Alerts = ({ alerts }: { readonly alerts: readonly AlertView[] }) => (
  <ul class="list">
    {alerts.map((alert) => (
      <Alert key={`${alert.name}${JSON.stringify(alert.labels)}${alert.activeAt}`} alert={alert} />
    ))}
  </ul>
);

const Alert = ({ alert }: { readonly alert: AlertView }) => (
  <li>
    <span class={alert.severity === "page" && alert.state === "firing" ? "mono bad" : "mono soft"}>
      {clockTime(alert.firedAt ?? alert.activeAt)}
    </span>
    <span>
      <b>{alert.name}</b>{" "}
      <span class="soft">
        {[
          alert.acknowledged && `acknowledged by ${alert.acknowledged.by}`,
          alert.suppressed,
          alert.resolvedAt !== undefined && `ended ${clockTime(alert.resolvedAt)}`,
        ]
          .filter(Boolean)
          .join(", ")}
      </span>
      <br />
      {alert.summary}
    </span>
  </li>
);

const MINUTES = [5, 10, 30, 60] as const;

interface SilencesProps {
  readonly trainee: Trainee;
  /** Of alerts that fire, to choose from. */
  readonly names: readonly string[];
}

/** Keeps the pager quiet for a while about what matches, and ends that early. */
function Silences({ trainee, names }: SilencesProps) {
  const matchers = useSignal("");
  const minutes = useSignal(10);
  const comment = useSignal("");
  const words = (): readonly string[] => matchers.value.match(/(?:"[^"]*"|[^\s"])+/g) ?? [];
  const command = `npx lblab alerts silence ${words()
    .map((word) => `'${word}'`)
    .join(" ")} --for ${minutes.value}m`;
  return (
    <div class="stack">
      <label>
        alert's name or matchers{" "}
        <input
          class="wide mono"
          list="firing-alerts"
          placeholder={'severity=inform upstream=~"web-.*"'}
          value={matchers.value}
          onInput={(e) => void (matchers.value = e.currentTarget.value)}
        />
      </label>
      <datalist id="firing-alerts">
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <p class="line">
        <label>
          for{" "}
          <select
            value={minutes.value}
            onChange={(e) => void (minutes.value = Number(e.currentTarget.value))}
          >
            {MINUTES.map((one) => (
              <option key={one} value={one}>
                {one} min
              </option>
            ))}
          </select>
        </label>
        <label>
          because{" "}
          <input value={comment.value} onInput={(e) => void (comment.value = e.currentTarget.value)} />
        </label>
        <Action
          title={command}
          disabled={words().length === 0}
          run={async () =>
            acted(
              await trainee.silence({
                matchers: words().map(matcherOf),
                seconds: minutes.value * 60,
                comment: comment.value,
              }),
            )
          }
        >
          Silence
        </Action>
      </p>
      <Looking subject="silences" read={(options) => trainee.silences({}, options)}>
        {(silences) => {
          const kept = silences.filter(({ status }) => status.state !== "expired");
          if (kept.length === 0) return <p class="soft">Nothing is silenced.</p>;
          return (
            <ul class="list flush">
              {kept.map(({ id, endsAt, createdBy, comment: why, matchers: of }) => (
                <li key={id}>
                  <span class="mono soft">{clockTime(endsAt)}</span>
                  <span>
                    <code>{of.map((one) => matcherText(labelMatcher(one))).join(", ")}</code>{" "}
                    <span class="soft">
                      until then, by {createdBy}
                      {why !== "" && `: ${why}`}
                    </span>
                    <br />
                    <Action
                      title={`npx lblab alerts expire ${id}`}
                      run={async () => acted(await trainee.expireSilence({ id }))}
                    >
                      Expire
                    </Action>
                  </span>
                </li>
              ))}
            </ul>
          );
        }}
      </Looking>
    </div>
  );
}
