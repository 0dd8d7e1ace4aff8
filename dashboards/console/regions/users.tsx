import { useSignal } from "@preact/signals";
import type { ConsoleState, UsersPoint } from "../console-state.ts";
import { Action } from "../parts/action.tsx";
import { milliseconds, percent } from "../parts/figures.ts";
import { Region } from "../parts/region.tsx";
import type { Trainee } from "../../../lab/trainee/trainee.ts";
import type { JournalLine } from "../../../lab/drill/events.ts";

const WIDTH = 760;
const ROW = 40;

/** What the judge sees of the users, with marks for what happened. */
export function Users({ state, trainee }: { readonly state: ConsoleState; readonly trainee: Trainee }) {
  const status = state.status.value;
  const points = state.points.value;
  const users = status?.users;
  return (
    <Region name="Users" about="what they feel, over 10 s" command="status">
      <div class="inside">
        <figure>
          <figcaption class="hidden">
            {users === undefined
              ? "No figures yet"
              : `${percent(users.failedRatio)} of requests fail, ${percent(users.affectedRatio)} of users are affected`}
          </figcaption>
          <svg viewBox={`0 0 ${WIDTH + 110} ${3 * ROW + 16}`} width="100%" aria-hidden="true">
            <Row
              y={0}
              label="failed"
              now={percent(users?.failedRatio ?? 0)}
              points={points}
              of={(p) => p.failedRatio}
              most={1}
            />
            <Row
              y={ROW}
              label="affected users"
              now={percent(users?.affectedRatio ?? 0)}
              points={points}
              of={(p) => p.affectedRatio}
              most={1}
            />
            <Row
              y={2 * ROW}
              label="p95"
              now={milliseconds(points.at(-1)?.p95Ms)}
              points={points}
              of={(p) => p.p95Ms}
              most={Math.max(100, ...points.map((p) => p.p95Ms))}
            />
            <Marks points={points} journal={state.journal.value} />
          </svg>
        </figure>
        <SendRequest trainee={trainee} />
      </div>
    </Region>
  );
}

interface RowProps {
  readonly y: number;
  readonly label: string;
  readonly now: string;
  readonly points: readonly UsersPoint[];
  readonly of: (point: UsersPoint) => number;
  readonly most: number;
}

const xOf = (points: readonly UsersPoint[], at: number): number => {
  const [from, to] = [points[0]?.at ?? 0, points.at(-1)?.at ?? 1];
  return 110 + ((at - from) / Math.max(1, to - from)) * WIDTH;
};

const Row = ({ y, label, now, points, of, most }: RowProps) => {
  const base = y + ROW - 4;
  const path = points
    .map(
      (point, i) =>
        `${i === 0 ? "M" : "L"}${xOf(points, point.at).toFixed(1)} ${(base - (of(point) / most) * (ROW - 12)).toFixed(1)}`,
    )
    .join("");
  return (
    <g>
      <text class="s" x="0" y={y + 14}>
        {label}
      </text>
      <text class="h" x="0" y={y + 30}>
        {now}
      </text>
      <path class="edge" d={`M110 ${base}H${110 + WIDTH}`} />
      <path class="line" d={path} />
    </g>
  );
};

const MARKED: Partial<Record<JournalLine["event"], string>> = {
  impact: "impact",
  paged: "page",
  acted: "action",
  noticed: "action",
};

const Marks = ({
  points,
  journal,
}: {
  readonly points: readonly UsersPoint[];
  readonly journal: readonly JournalLine[];
}) => (
  <g>
    {journal.flatMap((line) => {
      const word = MARKED[line.event];
      const at = Date.parse(line.at);
      if (word === undefined || at < (points[0]?.at ?? Infinity)) return [];
      const x = xOf(points, at);
      return [
        <path key={line.seq} class="guide" d={`M${x} 0V${3 * ROW}`} />,
        <text key={`${line.seq}t`} class="s" x={x + 3} y={3 * ROW + 12}>
          {word}
        </text>,
      ];
    })}
  </g>
);

/** A request as any user sends it. */
function SendRequest({ trainee }: { readonly trainee: Trainee }) {
  const path = useSignal("/");
  const cookie = useSignal("");
  return (
    <form class="line" onSubmit={(event) => event.preventDefault()}>
      <label>
        path <input value={path.value} onInput={(e) => void (path.value = e.currentTarget.value)} />
      </label>
      <label>
        cookie <input value={cookie.value} onInput={(e) => void (cookie.value = e.currentTarget.value)} />
      </label>
      <Action
        run={async () => {
          const answer = await trainee.visit({
            path: path.value,
            ...(cookie.value === "" ? {} : { cookie: cookie.value }),
          });
          return answer.status === undefined
            ? `no answer: ${answer.error ?? ""}`
            : `${answer.status}${answer.server === undefined ? "" : ` from ${answer.server}`}${answer.flag === undefined ? "" : `, flag ${answer.flag}`}`;
        }}
      >
        Send a request
      </Action>
    </form>
  );
}
