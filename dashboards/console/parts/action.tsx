import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { CodedError, messageOf } from "../../../runtime/errors.ts";

interface ActionProps {
  readonly children: ComponentChildren;
  readonly run: () => Promise<string | undefined | void>;
  readonly main?: boolean;
  readonly disabled?: boolean;
  readonly title?: string;
}

/** A button whose action takes a while: it says what came of it, beside itself. */
export function Action({ children, run, main = false, disabled = false, title }: ActionProps) {
  const busy = useSignal(false);
  const said = useSignal<{ readonly ok: boolean; readonly text: string } | undefined>(undefined);
  async function onClick(): Promise<void> {
    if (busy.value) return;
    busy.value = true;
    said.value = undefined;
    try {
      const text = await run();
      if (text !== undefined) said.value = { ok: true, text };
    } catch (error) {
      const hint = error instanceof CodedError && error.hint !== undefined ? `; ${error.hint}` : "";
      said.value = { ok: false, text: `${messageOf(error)}${hint}` };
    } finally {
      busy.value = false;
    }
  }
  return (
    <span class="action">
      <button
        type="button"
        class={main ? "main" : undefined}
        title={title}
        disabled={disabled}
        // Not `disabled`, which would take the focus from whoever pressed it.
        aria-disabled={busy.value}
        onClick={() => void onClick()}
      >
        {children}
      </button>
      {/* There before its text is, or no reader says it. */}
      <span role="status" class={said.value?.ok === false ? "bad" : "soft"}>
        {said.value?.text}
      </span>
    </span>
  );
}
