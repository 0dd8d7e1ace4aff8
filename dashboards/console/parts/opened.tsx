import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";

interface OpenedProps {
  readonly summary: string;
  readonly children: () => ComponentChildren;
}

/** What is read of the lab only while somebody has it open: the rest was not seen. */
export function Opened({ summary, children }: OpenedProps) {
  const open = useSignal(false);
  return (
    <details onToggle={(e) => void (open.value = e.currentTarget.open)}>
      <summary>{summary}</summary>
      {open.value && children()}
    </details>
  );
}
