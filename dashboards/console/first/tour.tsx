import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

/** The regions in the order in which somebody on call needs them. */
const STEPS = [
  [
    "Traffic",
    "Every server has a lane: what it works on, its share of the requests beside its configured one, what fails.",
  ],
  ["Users", "What users feel, and that alone is judged. You can send a request as any of them."],
  ["Pager", "It rings when users suffer. Acknowledge it, and it stops asking."],
  [
    "Drill",
    "The task and its clock. Check says whether users are well, Diagnose takes your word for what it is, End is the end.",
  ],
  [
    "What to look at",
    "Changes, units, configuration, queries: here you look, and act. Each says the command that does the same.",
  ],
] as const;

/** Five steps over the running lab, which goes on below. */
export function Tour({ close }: { readonly close: () => void }) {
  const at = useSignal(0);
  const next = useRef<HTMLButtonElement>(null);
  const [name, text] = STEPS[at.value] ?? STEPS[0];
  useEffect(() => next.current?.focus(), []);
  useEffect(() => {
    const shown = document.querySelector(`[aria-label="${name}"]`);
    shown?.classList.add("toured");
    shown?.scrollIntoView({ block: "nearest" });
    return () => shown?.classList.remove("toured");
  }, [name]);
  const isLast = at.value === STEPS.length - 1;
  return (
    <div
      class="tour"
      role="dialog"
      aria-labelledby="tour-name"
      onKeyDown={(event) => {
        if (event.key === "Escape") close();
      }}
    >
      <h2 id="tour-name">
        {at.value + 1} of {STEPS.length}: {name}
      </h2>
      <p aria-live="polite">{text}</p>
      <p class="line">
        <button type="button" disabled={at.value === 0} onClick={() => void (at.value -= 1)}>
          Back
        </button>
        <button
          ref={next}
          type="button"
          class="main"
          onClick={() => (isLast ? close() : void (at.value += 1))}
        >
          {isLast ? "Done" : "Next"}
        </button>
        <button type="button" onClick={close}>
          Close the tour
        </button>
      </p>
    </div>
  );
}
