import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface TabsProps {
  /** Name of the list, for who cannot see it. */
  readonly label: string;
  /** What stands there while none is open, as at first. */
  readonly closed: ComponentChildren;
  /** What each tab shows, by the tab's name; it is drawn only while it is open. */
  readonly tabs: readonly (readonly [name: string, content: () => ComponentChildren])[];
}

const WAYS: Readonly<Record<string, (at: number, last: number) => number>> = {
  ArrowRight: (at, last) => (at === last ? 0 : at + 1),
  ArrowLeft: (at, last) => (at === 0 ? last : at - 1),
  Home: () => 0,
  End: (_, last) => last,
};

/** Tabs of the ARIA pattern: one stop of the tab key, arrows within; what has the focus is what is open. */
export function Tabs({ label, closed, tabs }: TabsProps) {
  const open = useSignal<number | undefined>(undefined);
  const id = useId();
  function onKeyDown(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
    const way = WAYS[event.key];
    if (way === undefined) return;
    event.preventDefault();
    const all = [...event.currentTarget.querySelectorAll<HTMLElement>('[role="tab"]')];
    // The one with the focus is open, or none is.
    const to = way(
      all.findIndex((tab) => tab === event.target),
      tabs.length - 1,
    );
    open.value = to;
    all[to]?.focus();
  }
  const [name, content] = (open.value === undefined ? undefined : tabs[open.value]) ?? [
    undefined,
    () => closed,
  ];
  return (
    <div>
      <div role="tablist" class="tabs" aria-label={label} onKeyDown={onKeyDown}>
        {tabs.map(([tab], index) => (
          <button
            key={tab}
            type="button"
            role="tab"
            id={`${id}-${tab}`}
            aria-selected={index === open.value}
            aria-controls={index === open.value ? `${id}-panel` : undefined}
            tabIndex={index === (open.value ?? 0) ? 0 : -1}
            onClick={() => void (open.value = index)}
          >
            {tab}
          </button>
        ))}
      </div>
      <div
        key={name}
        {...(name === undefined
          ? {}
          : { role: "tabpanel" as const, id: `${id}-panel`, "aria-labelledby": `${id}-${name}` })}
      >
        {content()}
      </div>
    </div>
  );
}
