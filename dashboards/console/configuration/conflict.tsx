import { DiffView } from "../editor/diff-view.tsx";
import type { Draft, Version } from "./draft.ts";

/** Somebody else was faster: what runs now, what differs, and the two ways on. */
export const Conflict = ({ draft, active }: { readonly draft: Draft; readonly active: Version }) => (
  <div role="group" aria-label="Conflict" class="notice stack">
    <p role="status">
      Version {active.version} runs now; your text was made out of version {draft.base.value?.version}.
      Applied as it is, it is refused.
    </p>
    <DiffView
      label={`Your text against version ${active.version}`}
      before={active.yaml}
      after={draft.text.value}
    />
    <p class="line">
      <button type="button" onClick={() => draft.rebase(active)}>
        Keep my text, over version {active.version}
      </button>
      <button type="button" onClick={() => draft.take(active)}>
        Take version {active.version}, lose my text
      </button>
    </p>
  </div>
);
