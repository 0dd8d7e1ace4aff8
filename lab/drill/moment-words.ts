import type { Moment } from "./moments.ts";

const WORDS: Readonly<Record<Moment["event"], string>> = {
  begin: "begin",
  steady: "steady",
  changed: "change",
  impact: "impact",
  alert: "alert",
  resolved: "resolved",
  page: "PAGE",
  reminder: "page again",
  acknowledged: "ack",
  look: "look",
  action: "step",
  outside: "past lab",
  prevented: "PREVENTED",
  held: "held",
  caught: "CAUGHT",
  suspected: "suspects",
  hint: "hint",
  diagnosis: "diagnosis",
  check: "check",
  users: "users",
  end: "end",
  restarted: "restart",
  resumed: "go on",
  result: "result",
  reset: "reset",
  refused: "refused",
  void: "void",
  unknown: "unknown",
};

/** What a moment of a drill is called in its timeline. */
export const wordOf = (event: Moment["event"]): string => WORDS[event];
