import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

const SETTLED_MS = 150;

interface DiffViewProps {
  readonly label: string;
  readonly before: string;
  readonly after: string;
  /** The same as a patch, for whoever has no editor. */
  readonly patch?: string | undefined;
}

/** What differs between two texts. */
export function DiffView({ label, before, after, patch }: DiffViewProps) {
  const host = useRef<HTMLDivElement>(null);
  const plain = useSignal(false);
  useEffect(() => {
    let close: (() => void) | undefined;
    let open = true;
    async function show(): Promise<void> {
      const { mountDiff } = await import("./editor-kit.ts");
      const place = host.current;
      if (!open || !place) return;
      const root = place.shadowRoot ?? place.attachShadow({ mode: "open" });
      ({ close } = mountDiff({ root, label, text: after }, before));
    }
    // While somebody types, each letter is another text.
    const timer = setTimeout(() => void show().catch(() => void (plain.value = true)), SETTLED_MS);
    return () => {
      open = false;
      clearTimeout(timer);
      close?.();
    };
  }, [before, after, label]);
  if (before === after) return <p class="soft">They are the same.</p>;
  if (plain.value) return <pre tabIndex={0}>{patch ?? after}</pre>;
  return <div ref={host} class="code-field" />;
}
