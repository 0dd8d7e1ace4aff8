import { useRef } from "preact/hooks";
import { draftOf, type Draft } from "../configuration/draft.ts";
import { Conflict } from "../configuration/conflict.tsx";
import { Findings } from "../configuration/findings.tsx";
import { Versions } from "../configuration/versions.tsx";
import { CodeField } from "../editor/code-field.tsx";
import { DiffView } from "../editor/diff-view.tsx";
import type { MountedEditor } from "../editor/mounted-editor.ts";
import { acted } from "../parts/acted.ts";
import { Action } from "../parts/action.tsx";
import { Opened } from "../parts/opened.tsx";
import { Region } from "../parts/region.tsx";
import type { Trainee } from "../../../lab/trainee/trainee.ts";
import { Looking } from "./looking.tsx";

/** The balancer's configuration: read, changed, checked, applied, and taken back. */
export function Configuration({ trainee }: { readonly trainee: Trainee }) {
  const draft = draftOf(trainee);
  return (
    <Region name="Configuration" about={aboutText(draft)} command="config show">
      <Looking
        subject="config"
        read={async (options) => {
          const version = await trainee.config({}, options);
          draft.saw(version);
          return version;
        }}
      >
        {({ version, yaml }) => (
          <div class="inside stack">
            {/* A refused apply read what runs a moment ago, which may be newer than what is read every two seconds. */}
            {draft.conflicts() && draft.active.value && (
              <Conflict draft={draft} active={draft.active.value} />
            )}
            <Editor trainee={trainee} draft={draft} />
            <Opened summary={`Diff against the running version ${version}`}>
              {() => (
                <DiffView
                  label={`Your text against version ${version}`}
                  before={yaml}
                  after={draft.text.value}
                />
              )}
            </Opened>
            <Opened summary="Versions: history, diff, roll back">
              {() => <Versions trainee={trainee} draft={draft} />}
            </Opened>
          </div>
        )}
      </Looking>
    </Region>
  );
}

function aboutText(draft: Draft): string {
  const base = draft.base.value;
  if (base === undefined) return "";
  return draft.isChanged() ? `your text, made out of version ${base.version}` : `version ${base.version}`;
}

function Editor({ trainee, draft }: { readonly trainee: Trainee; readonly draft: Draft }) {
  const editor = useRef<MountedEditor | undefined>(undefined);
  async function apply(): Promise<string> {
    const over = draft.base.value?.version;
    const result = await trainee.act({
      do: "config apply",
      yaml: draft.text.value,
      file: "config.yaml",
      ...(over === undefined ? {} : { over }),
    });
    if (result.findings) draft.findings.value = result.findings;
    const running = await trainee.config({}, { background: true });
    if (result.ok) draft.applied(running.version);
    else draft.active.value = running;
    return acted(result);
  }
  return (
    <>
      <p class="line">
        <Action
          title="npx lblab config check FILE"
          run={async () => {
            const findings = await draft.check(draft.text.value);
            return findings.length === 0 ? "nothing to say against it" : `${findings.length} found, below`;
          }}
        >
          Check the text
        </Action>
        <Action
          main
          title={`npx lblab config apply FILE --over ${draft.base.value?.version ?? "VERSION"}`}
          disabled={!draft.isChanged()}
          run={apply}
        >
          Apply
        </Action>
        <Action
          title="npx lblab config rollback"
          run={async () => acted(await trainee.act({ do: "config rollback" }))}
        >
          Roll back
        </Action>
        <button
          type="button"
          disabled={!draft.isChanged()}
          onClick={() => draft.active.value && draft.take(draft.active.value)}
        >
          Discard my changes
        </button>
      </p>
      <CodeField
        label="Configuration in YAML"
        text={draft.text}
        rows={18}
        mount={(kit, place) => kit.mountYaml(place, draft.check)}
        onEditor={(mounted) => void (editor.current = mounted)}
      />
      <Findings findings={draft.findings.value} goTo={(place) => editor.current?.goTo(place)} />
      <p class="soft">
        The same in a terminal: <code>npx lblab config show &gt; config.yaml</code>, then{" "}
        <code>config check</code>, <code>config apply config.yaml</code>
      </p>
    </>
  );
}
