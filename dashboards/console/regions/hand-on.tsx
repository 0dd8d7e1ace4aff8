import { useSignal } from "@preact/signals";
import { Action } from "../parts/action.tsx";
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
            save(text);
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
          save((await pacing.handOver()).text);
          return "saved as drill.json";
        }}
      >
        Save as a file
      </Action>
      {link.value !== "" && <input class="wide" readOnly value={link.value} aria-label="Link" />}
    </p>
  );
}

function save(text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = "drill.json";
  anchor.click();
  URL.revokeObjectURL(url);
}
