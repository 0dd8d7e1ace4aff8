import { useSignal } from "@preact/signals";
import { Action } from "../parts/action.tsx";
import { saveAs } from "../parts/save-as.ts";
import type { Pacing } from "../world/console-world.ts";

/** The drill as a link, and as a file where it is too long for one. */
export function HandOn({ pacing }: { readonly pacing: Pacing }) {
  const link = useSignal("");
  return (
    <p class="inside line">
      <Action
        title="npx lblab replay LINK"
        run={async () => {
          const { fragment, text, digest } = await pacing.handOver();
          if (fragment === undefined) {
            saveAs("drill.json", text);
            return `too long for a link: saved as drill.json; digest ${digest.slice(0, 12)}`;
          }
          link.value = `${location.href.split("#")[0]}#${fragment}`;
          try {
            await navigator.clipboard.writeText(link.value);
            return `copied; digest ${digest.slice(0, 12)}`;
          } catch {
            // Not allowed to: it stands below, to be copied by hand.
            return `digest ${digest.slice(0, 12)}`;
          }
        }}
      >
        Copy link that replays this drill
      </Action>
      <Action
        title="npx lblab replay drill.json"
        run={async () => {
          saveAs("drill.json", (await pacing.handOver()).text);
          return "saved as drill.json";
        }}
      >
        Save as a file
      </Action>
      {link.value !== "" && <input class="wide" readOnly value={link.value} aria-label="Link" />}
    </p>
  );
}
