import { useSignal } from "@preact/signals";
import { Action } from "../parts/action.tsx";
import { Region } from "../parts/region.tsx";
import type { Trainee } from "../../../lab/trainee/trainee.ts";

/** The balancer's configuration: read, changed, checked, applied, and taken back. */
export function Configuration({ trainee }: { readonly trainee: Trainee }) {
  const text = useSignal("");
  const version = useSignal<number | undefined>(undefined);
  const patch = useSignal("");
  async function read(): Promise<string> {
    const config = await trainee.config({});
    text.value = config.yaml;
    version.value = config.version;
    return `version ${config.version}`;
  }
  return (
    <Region name="Configuration" command="config show">
      <div class="inside">
        <p class="line">
          <Action title="npx lblab config show" run={read}>
            Read
          </Action>
          <Action
            title="npx lblab config diff"
            run={async () => {
              const diff = await trainee.configDiff({});
              patch.value = diff.patch;
              return `version ${diff.from} to ${diff.to}`;
            }}
          >
            Diff against the one before
          </Action>
          <Action
            title="npx lblab config check FILE"
            disabled={text.value === ""}
            run={async () => {
              const { ok, findings } = await trainee.checkConfig({ yaml: text.value });
              const said = findings.map(({ message }) => message).join("; ");
              return `${ok ? "it can be taken" : "it cannot be taken"}${said === "" ? "" : `: ${said}`}`;
            }}
          >
            Check the text
          </Action>
          <Action
            main
            title="npx lblab config apply FILE"
            disabled={text.value === ""}
            run={async () =>
              (
                await trainee.act({
                  do: "config apply",
                  yaml: text.value,
                  ...(version.value === undefined ? {} : { over: version.value }),
                })
              ).message
            }
          >
            Apply
          </Action>
          <Action
            title="npx lblab config rollback"
            run={async () => (await trainee.act({ do: "config rollback" })).message}
          >
            Roll back
          </Action>
        </p>
        <label>
          <span class="hidden">Configuration in YAML</span>
          <textarea
            rows={18}
            spellcheck={false}
            value={text.value}
            onInput={(e) => void (text.value = e.currentTarget.value)}
          />
        </label>
        {patch.value !== "" && <pre tabIndex={0}>{patch.value}</pre>}
      </div>
    </Region>
  );
}
