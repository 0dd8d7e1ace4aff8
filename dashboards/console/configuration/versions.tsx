import { useSignal } from "@preact/signals";
import { acted } from "../parts/acted.ts";
import { Action } from "../parts/action.tsx";
import { clockTime } from "../parts/figures.ts";
import type { Trainee } from "../../../lab/trainee/trainee.ts";
import { Looking } from "../regions/looking.tsx";
import type { Draft } from "./draft.ts";
import { VersionsDiff } from "./versions-diff.tsx";

interface VersionsProps {
  readonly trainee: Trainee;
  readonly draft: Draft;
}

/** Every version with author and reason: compared, taken into the editor, rolled back to. */
export function Versions({ trainee, draft }: VersionsProps) {
  const compared = useSignal<{ readonly from: number; readonly to: number } | undefined>(undefined);
  const running = draft.active.value?.version;
  return (
    <Looking subject="history" read={(options) => trainee.configHistory({}, options)}>
      {(versions) => (
        <>
          <ul class="list flush">
            {versions.toReversed().map(({ version, at, author, reason }) => (
              <li key={version}>
                <span class="mono soft">{clockTime(at)}</span>
                <span>
                  <b>version {version}</b>
                  {version === running && " runs now"} <span class="soft">{author}</span>
                  <br />
                  {reason}
                  <span class="line">
                    {version > 1 && (
                      <button
                        type="button"
                        class="plain"
                        title={`npx lblab config diff ${version - 1} ${version}`}
                        onClick={() => void (compared.value = { from: version - 1, to: version })}
                      >
                        What version {version} changed
                      </button>
                    )}
                    {version !== running && running !== undefined && (
                      <>
                        <button
                          type="button"
                          class="plain"
                          title={`npx lblab config diff ${version} ${running}`}
                          onClick={() => void (compared.value = { from: version, to: running })}
                        >
                          Version {version} against now
                        </button>
                        <Action
                          title={`npx lblab config rollback ${version}`}
                          run={async () => acted(await trainee.act({ do: "config rollback", version }))}
                        >
                          Roll back to {version}
                        </Action>
                      </>
                    )}
                  </span>
                </span>
              </li>
            ))}
          </ul>
          {compared.value !== undefined && <VersionsDiff trainee={trainee} {...compared.value} />}
        </>
      )}
    </Looking>
  );
}
