import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { storyChart } from "../../../lab/chart/story-chart.ts";
import type { JournalLine } from "../../../lab/drill/events.ts";
import { momentsOf } from "../../../lab/drill/moments.ts";
import { wordOf } from "../../../lab/drill/moment-words.ts";
import { Drawn } from "../parts/drawn.tsx";
import { clockTime } from "../parts/figures.ts";
import { Scrubber } from "../parts/scrubber.tsx";
import { clock } from "../regions/drill-figures.ts";
import { lanesOf, spanOf, factsAt, until } from "./record-facts.ts";

interface RecordWatchProps {
  readonly lines: readonly JournalLine[];
  /** Epoch ms and the share of requests that failed, 0..1; undefined where nobody kept it. */
  readonly failed: readonly (readonly [number, number])[] | undefined;
  /** Where it begins, epoch ms; default its end. */
  readonly startsAt?: number;
}

const SPEEDS = [1, 5, 20] as const;
const TICK_MS = 250;
const STEP_MS = 1000;

/** A drill by the facts of its journal, up to a moment that a scrubber chooses: nothing is simulated again. */
export function RecordWatch({ lines, failed, startsAt }: RecordWatchProps) {
  const { from, to } = useMemo(() => spanOf(lines), [lines]);
  const at = useSignal(startsAt ?? to);
  const speed = useSignal<number>(0);
  useEffect(() => {
    if (speed.value === 0) return;
    const timer = setInterval(() => {
      at.value = Math.min(to, at.value + TICK_MS * speed.value);
      if (at.value >= to) speed.value = 0;
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [speed.value, to]);
  function play(by: number): void {
    if (at.value >= to) at.value = from;
    speed.value = speed.value === by ? 0 : by;
  }
  return (
    <div class="record stack">
      <Scrubber
        name="Record"
        value={at.value - from}
        most={to - from}
        step={STEP_MS}
        textOf={(ms) => clock(ms / 1000)}
        follows
        onChosen={(ms) => void (at.value = from + ms)}
      >
        {SPEEDS.map((by) => (
          <button key={by} type="button" aria-pressed={speed.value === by} onClick={() => play(by)}>
            play {by}×
          </button>
        ))}
        <button type="button" onClick={() => void (at.value = to)}>
          To the end
        </button>
      </Scrubber>
      <RecordAt lines={lines} failed={failed} at={at.value} from={from} to={to} />
    </div>
  );
}

interface RecordAtProps extends Pick<RecordWatchProps, "lines" | "failed"> {
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

/** What had happened by then, and how it stood. */
function RecordAt({ lines, failed, at, from, to }: RecordAtProps) {
  const soFar = useMemo(() => until(lines, at), [lines, at]);
  const moments = useMemo(() => momentsOf(soFar), [soFar]);
  const marks = soFar.flatMap(({ event, at: when }) => {
    const text = MARKS[event];
    return text === undefined ? [] : [{ at: Date.parse(when), text }];
  });
  return (
    <>
      <dl class="kv">
        <dt>time</dt>
        <dd class="mono">{clockTime(at)} UTC</dd>
        {factsAt(soFar, at).map(([name, text]) => (
          <>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </>
        ))}
      </dl>
      <figure>
        <Drawn
          svg={storyChart({
            ...(failed ? { failed: failed.filter(([when]) => when <= at) } : {}),
            marks,
            lanes: lanesOf(lines, at),
            from,
            to,
            label: "Who did what, and when anybody was paged, on one time axis; the list below says the same",
          })}
        />
      </figure>
      <h2>
        What was noted, latest first <small>{moments.length} lines</small>
      </h2>
      <ol class="list flush scroll" reversed aria-label="What was noted" tabIndex={0}>
        {moments.toReversed().map(({ at: when, event, detail, by }, i) => (
          <li key={moments.length - i}>
            <time class="mono soft" dateTime={new Date(when).toISOString()}>
              {clockTime(when)}
            </time>
            <span>
              <b>{wordOf(event)}</b> {detail}
              {by !== undefined && by !== "trainee" && <span class="soft"> by {by}</span>}
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}

const MARKS: Partial<Record<JournalLine["event"], string>> = {
  changed: "change",
  paged: "page",
  ending: "end",
  restarted: "restarted",
};
