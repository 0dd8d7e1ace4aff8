import type { CellRun } from "./cell.ts";

export const OUTCOMES = ["prevented", "caught", "shortened", "nothing", "worse"] as const;
export type CellOutcome = (typeof OUTCOMES)[number];

/** Chance alone moves a loss by less. */
const SAME = 0.02;

export interface Judged {
  readonly outcome: CellOutcome;
  /** When it was caught, or users were well again, by the report's minutes. */
  readonly atMinute: number | null;
  readonly because: string;
}

/** What a run with measures came to beside the same run without them. */
export function judgeCell(run: CellRun, baseline: CellRun): Judged {
  if (run.void !== null) return { outcome: "nothing", atMinute: null, because: `no result: ${run.void}` };
  const [lost, usual] = [run.userMinutesLostPer1000, baseline.userMinutesLostPer1000];
  const [refused] = run.refused;
  const [undone] = run.undone;
  // Some users have met what was tried on them: it was no prevention.
  const tried = run.refused.find(({ by }) => by === "canary");
  if (!run.felt && !undone && tried && lost > 0)
    return {
      outcome: "caught",
      atMinute: tried.minute,
      because: `${tried.by}: ${tried.message}${stillLost(lost)}`,
    };
  if (!run.felt && !undone && refused)
    return {
      outcome: "prevented",
      atMinute: null,
      because: `${refused.by}: ${refused.message}${stillLost(lost)}`,
    };
  const isLess = lost < usual * (1 - SAME);
  const isMore = lost > usual * (1 + SAME);
  if (isMore) return { outcome: "worse", atMinute: run.wellMinute, because: worseBecause(run) };
  if (isLess && undone)
    return {
      outcome: "caught",
      atMinute: undone.minute,
      because: `${undone.by} undid it at minute ${undone.minute}${stillLost(lost)}`,
    };
  if (isLess)
    return { outcome: "shortened", atMinute: run.wellMinute, because: shorterBecause(run, baseline) };
  return { outcome: "nothing", atMinute: null, because: nothingBecause(run) };
}

const stillLost = (lost: number): string => (lost > 0 ? `; ${Math.round(lost)} were lost all the same` : "");

function shorterBecause({ named, refused, refusedActs, wellMinute }: CellRun, baseline: CellRun): string {
  if (named) return `${named.by} names it at minute ${named.minute}: the team repairs it sooner`;
  const [first] = [...refused, ...refusedActs];
  if (first) return `${first.by} refused a part of it: ${first.message}`;
  return `users are well at minute ${wellMinute ?? "-"}, not ${baseline.wellMinute ?? "-"}`;
}

function worseBecause({ refused, refusedActs, undone, heldMinutes }: CellRun): string {
  const [act] = refusedActs;
  if (act) return `${act.by} refused a repair: ${act.message}`;
  if (undone[0]) return `${undone[0].by} undid what was needed`;
  if (refused[0]) return `${refused[0].by} refused what was needed: ${refused[0].message}`;
  return heldMinutes > 0 ? `repairs waited, ${heldMinutes} minutes in all` : "users were well later";
}

function nothingBecause({ named, suspected, refused, undone }: CellRun): string {
  if (undone[0]) return `${undone[0].by} undid a change, and users were no better off`;
  if (refused[0]) return `${refused[0].by} refused a change, and users felt the others`;
  if (named) return `${named.by} names it at minute ${named.minute}, no earlier than the team knew it`;
  if (suspected) return `${suspected.by} warns, and does not name it: ${suspected.message}`;
  return "it saw nothing that it could have refused, undone or named";
}
