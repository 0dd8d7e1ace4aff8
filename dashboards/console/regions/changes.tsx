import { versionsNamed } from "../configuration/versions-named.ts";
import { VersionsDiff } from "../configuration/versions-diff.tsx";
import { acted } from "../parts/acted.ts";
import { Action } from "../parts/action.tsx";
import { clockTime } from "../parts/figures.ts";
import { Opened } from "../parts/opened.tsx";
import { Region } from "../parts/region.tsx";
import type { Trainee } from "../../../lab/trainee/trainee.ts";
import type { ChangeEntry } from "../../../lab/world/change-entry.ts";
import { Looking } from "./looking.tsx";

/** The change log: guilty and innocent changes look alike. */
export const Changes = ({ trainee }: { readonly trainee: Trainee }) => (
  <Region name="Changes" about="latest first, UTC" command="changes">
    <Looking subject="changes" read={(options) => trainee.changes({}, options)}>
      {(changes) =>
        changes.length === 0 ? (
          <p class="soft inside">Nothing was changed.</p>
        ) : (
          <ul class="list">
            {changes.toReversed().map((change) => (
              <Change key={change.id} change={change} trainee={trainee} />
            ))}
          </ul>
        )
      }
    </Looking>
  </Region>
);

function Change({ change, trainee }: { readonly change: ChangeEntry; readonly trainee: Trainee }) {
  const { id, at, by, kind, summary, subjects, detail } = change;
  const versions = versionsNamed(change);
  const onWhat = subjects.join(", ");
  return (
    <li>
      <time class="mono soft" dateTime={at}>
        {clockTime(at)}
      </time>
      <div>
        <b>{summary}</b>
        <p class="soft">
          {by} · {kind}
          {onWhat !== "" && ` · ${onWhat}`}
          {detail !== "" && detail !== onWhat && ` · ${detail}`}
        </p>
        <p class="line">
          <Action
            title={`npx lblab change revert ${id}`}
            run={async () => acted(await trainee.act({ do: "change revert", change: id }))}
          >
            Revert {id}
          </Action>
        </p>
        {versions && (
          <Opened summary={`Version ${versions.from} to ${versions.to}`}>
            {() => <VersionsDiff trainee={trainee} {...versions} />}
          </Opened>
        )}
      </div>
    </li>
  );
}
