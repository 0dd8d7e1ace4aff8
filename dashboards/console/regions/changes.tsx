import { Action } from "../parts/action.tsx";
import { clockTime } from "../parts/figures.ts";
import { Region } from "../parts/region.tsx";
import type { Trainee } from "../../../lab/trainee/trainee.ts";
import { Looking } from "./looking.tsx";

/** The change log: guilty and innocent changes look alike. */
export const Changes = ({ trainee }: { readonly trainee: Trainee }) => (
  <Region name="Changes" command="changes">
    <Looking subject="changes" read={(options) => trainee.changes({}, options)}>
      {(changes) => (
        <ul class="list">
          {changes.toReversed().map(({ id, at, by, summary, detail }) => (
            <li key={id}>
              <span class="mono soft">{clockTime(at)}</span>
              <span>
                {summary} <span class="soft">{by}</span>
                <br />
                <span class="soft">{detail}</span>{" "}
                <Action
                  title={`npx lblab change revert ${id}`}
                  run={async () => (await trainee.act({ do: "change revert", change: id })).message}
                >
                  Revert {id}
                </Action>
              </span>
            </li>
          ))}
        </ul>
      )}
    </Looking>
  </Region>
);
