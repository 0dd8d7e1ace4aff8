import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { SampledRequest } from "../../../lab/events/traffic-view.ts";
import type { PoolView } from "../../../lab/trainee/views.ts";
import { wayInWords, type Books } from "./way-in-words.ts";

interface SelectedWayProps {
  readonly sample: SampledRequest;
  readonly pools: readonly PoolView[] | undefined;
}

/** What the words mean is read when somebody asks for it first. */
async function readBooks(): Promise<Books> {
  const [{ GLOSSARY }, { REASONS }] = await Promise.all([
    import("../../../lab/trainee/glossary.ts"),
    import("../../../lb/reasons.ts"),
  ]);
  return { glossary: GLOSSARY, reasons: REASONS };
}

/** The way of the request that was picked out, in words. */
export function SelectedWay({ sample, pools }: SelectedWayProps) {
  const books = useSignal<Books>({ glossary: [], reasons: {} });
  useEffect(() => void readBooks().then((read) => void (books.value = read)), []);
  const { headline, facts } = wayInWords(sample, pools, books.value);
  return (
    <div class="way">
      <p role="status">
        <b>{headline}</b>
      </p>
      <dl class="kv">
        {facts.map(([name, text]) => (
          <>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </>
        ))}
      </dl>
    </div>
  );
}
