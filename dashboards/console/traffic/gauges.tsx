/** Above this many, places are drawn as a bar. */
const MOST_SQUARES = 8;
const WIDTH = 92;
const STACK = 10;

/** Requests that wait for an upstream with room, as a stack beside their number. */
export function Queue({ length, limit }: { readonly length: number; readonly limit: number }) {
  const full = limit > 0 && length >= limit;
  const bars = limit <= 0 ? 0 : Math.min(STACK, Math.ceil((length / limit) * STACK));
  return (
    <span class={full ? "queue bad" : "queue soft"}>
      waiting
      <svg viewBox={`0 0 ${STACK * 5} 12`} width={STACK * 5} height="12" aria-hidden="true">
        {Array.from({ length: STACK }, (_, i) => (
          <rect
            key={i}
            class={i < STACK - bars ? "well" : full ? "hurts" : "taken"}
            x={i * 5}
            width="4"
            height="12"
          />
        ))}
      </svg>
      {length} of {limit}
      {full && ", full"}
    </span>
  );
}

/** Places of an upstream that work, of all that it has: how many they are stands beside it. */
export function Places({ taken, limit }: { readonly taken: number; readonly limit: number }) {
  const squares = Math.min(MOST_SQUARES, limit);
  const full = limit > 0 && taken >= limit;
  return (
    <svg class="gauge" viewBox={`0 0 ${WIDTH} 12`} width={WIDTH} height="12" aria-hidden="true">
      {limit > 0 && limit <= MOST_SQUARES ? (
        Array.from({ length: squares }, (_, i) => (
          <rect key={i} class={i < taken ? "taken" : "well"} x={i * 11.5} width="10" height="12" rx="2" />
        ))
      ) : (
        <>
          <rect class="well" width={WIDTH} height="12" rx="2" />
          <rect
            class={full ? "hurts" : "taken"}
            width={limit > 0 ? Math.min(1, taken / limit) * WIDTH : Math.min(WIDTH, taken)}
            height="12"
            rx="2"
          />
        </>
      )}
    </svg>
  );
}

interface ShareProps {
  readonly taken: number | null;
  readonly configured: number;
  readonly equal: number;
}

/** The share taken, with marks for the configured one and an equal one. Shares are shown and never judged. */
export const Share = ({ taken, configured, equal }: ShareProps) => (
  <svg class="gauge share" viewBox="0 0 84 16" width="84" height="16" aria-hidden="true">
    <rect class="well" y="2" width="84" height="12" rx="2" />
    <rect class="taken" y="2" width={(taken ?? 0) * 84} height="12" rx="2" />
    <path class="guide" d={`M${equal * 84} 0V16`} />
    <path class="mark" d={`M${Math.min(83, Math.max(1, configured * 84))} 0V16`} />
  </svg>
);
