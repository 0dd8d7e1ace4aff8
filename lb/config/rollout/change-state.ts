import type { ChangeLine } from "./change-events.ts";

/** A time in which changes are refused. */
export interface Freeze {
  readonly by: string;
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** ISO 8601, UTC; undefined: until somebody thaws. */
  readonly until: string | undefined;
}

/** A configuration that waits for a reviewer. Its text is kept beside the history. */
export interface Proposal {
  /** Counted from 1. */
  readonly id: number;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
  /** The version that was in force, on which it is based. */
  readonly over: number;
  readonly sha256: string;
}

export interface VersionInForce {
  readonly version: number;
  readonly sha256: string;
}

/** What the lines of a change log come to. */
export interface ChangeState {
  /** Undefined before the first line. */
  readonly inForce: VersionInForce | undefined;
  /** Digests of texts that have baked. */
  readonly baked: ReadonlySet<string>;
  /** Digests of texts that a reviewer approved, and of the first. */
  readonly reviewed: ReadonlySet<string>;
  /** Versions with a text that has baked, in the order in which they came into force. */
  readonly served: readonly VersionInForce[];
  readonly freeze: Freeze | undefined;
  /** The one that waits. */
  readonly proposal: Proposal | undefined;
  /** Proposals so far. */
  readonly proposals: number;
}

export const NOTHING_CHANGED: ChangeState = {
  inForce: undefined,
  baked: new Set(),
  reviewed: new Set(),
  served: [],
  freeze: undefined,
  proposal: undefined,
  proposals: 0,
};

/** So many versions are remembered as having served: the history keeps no more texts. */
const REMEMBERED = 100;

/** The state after one more line. */
export function afterLine(state: ChangeState, line: ChangeLine): ChangeState {
  switch (line.event) {
    case "began": {
      const first = state.inForce === undefined;
      const next = inForceNow(state, line);
      return first ? { ...next, baked: new Set([line.sha256]), reviewed: new Set([line.sha256]) } : next;
    }
    case "applied": {
      const next = inForceNow(state, line);
      if (line.approvedBy === undefined) return next;
      return { ...next, reviewed: new Set([...next.reviewed, line.sha256]) };
    }
    case "failed": {
      const served = state.served.filter(({ version }) => version !== line.version);
      return { ...state, served, inForce: served.at(-1) ?? state.inForce };
    }
    case "baked":
      return { ...state, baked: new Set([...state.baked, line.sha256]) };
    case "frozen":
      return { ...state, freeze: { by: line.by, reason: line.reason, since: line.at, until: line.until } };
    case "thawed":
      return { ...state, freeze: undefined };
    case "proposed": {
      const { id, by, reason, at, over, sha256 } = line;
      return { ...state, proposals: id, proposal: { id, by, reason, at, over, sha256 } };
    }
    case "approved":
    case "rejected":
    case "withdrawn":
      return state.proposal?.id === line.id ? { ...state, proposal: undefined } : state;
    case "refused":
    case "inconclusive":
    case "worse":
    case "upstream":
    case "audited":
      return state;
    // A line of a later version of this program.
    default:
      return state;
  }
}

function inForceNow(state: ChangeState, { version, sha256 }: VersionInForce): ChangeState {
  const entry = { version, sha256 };
  const others = state.served.filter((one) => one.version !== version);
  return { ...state, inForce: entry, served: [...others, entry].slice(-REMEMBERED) };
}

/** The last version before this one whose text has baked and is another. */
export function lastBaked(state: ChangeState, sha256: string): VersionInForce | undefined {
  return state.served.findLast((one) => one.sha256 !== sha256 && state.baked.has(one.sha256));
}
