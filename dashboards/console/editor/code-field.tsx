import { useSignal, useSignalEffect, type Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type * as editorKit from "./editor-kit.ts";
import type { EditorPlace, MountedEditor } from "./mounted-editor.ts";

type Kit = typeof editorKit;

interface CodeFieldProps {
  readonly label: string;
  readonly text: Signal<string>;
  readonly rows: number;
  readonly mount: (kit: Kit, place: EditorPlace) => MountedEditor;
  /** Gets the editor when it is there, and undefined when it has gone. */
  readonly onEditor?: (editor: MountedEditor | undefined) => void;
}

/** A text that is edited: a plain field at once, an editor when its script has come. Without that the field stays. */
export function CodeField({ label, text, rows, mount, onEditor }: CodeFieldProps) {
  const host = useRef<HTMLDivElement>(null);
  const editor = useSignal<MountedEditor | undefined>(undefined);
  const plainBecause = useSignal<string | undefined>(undefined);
  useEffect(() => {
    let open = true;
    void import("./editor-kit.ts").then(
      (kit) => {
        const place = host.current;
        if (!open || !place) return;
        const root = place.shadowRoot ?? place.attachShadow({ mode: "open" });
        editor.value = mount(kit, {
          root,
          label,
          text: text.peek(),
          onText: (next) => void (text.value = next),
        });
        onEditor?.(editor.value);
      },
      () =>
        void (plainBecause.value = "The editor could not be loaded; this field does the same without it."),
    );
    return () => {
      open = false;
      editor.peek()?.close();
      onEditor?.(undefined);
    };
  }, []);
  useSignalEffect(() => editor.value?.setText(text.value));
  return (
    <>
      <div ref={host} class="code-field" hidden={editor.value === undefined} />
      {editor.value === undefined && (
        <label>
          <span class="hidden">{label}</span>
          <textarea
            rows={rows}
            spellcheck={false}
            value={text.value}
            onInput={(e) => void (text.value = e.currentTarget.value)}
          />
        </label>
      )}
      {plainBecause.value !== undefined && <p class="soft">{plainBecause.value}</p>}
    </>
  );
}
