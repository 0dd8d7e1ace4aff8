import type { PlaybookStep } from "../../scenarios/playbook.ts";
import { makeItWorse } from "./griefer.ts";
import { followFalseLeads } from "./herring.ts";
import { doNothing } from "./none.ts";
import { answerThePage } from "./on-call.ts";
import { createReport } from "./report.ts";
import type { Responder } from "./responder.ts";
import { restartTheSick } from "./restarter.ts";
import { takeBackTheNewest } from "./reverter.ts";

interface ResponderEntry {
  /** What is assumed of the people that this stands for. */
  readonly assumptions: string;
  readonly create: (playbook: readonly PlaybookStep[]) => Responder;
}

/** All responders. Only `report` follows a timetable, which it is given; the others go by what they see. */
export const RESPONDERS = {
  report: {
    assumptions:
      "The report's own team, with its false leads and its timetable. Minute 0 is when the symptom began that pages; " +
      "every look, diagnosis and action comes at the report's minute. Where the report gives no time to a step, it is put " +
      "between its neighbours and says so. Looking repairs nothing: only what the report says was done is done.",
    create: createReport,
  },
  ideal: {
    assumptions:
      "Today's person on call, who goes by the evidence. Twenty seconds between two looks at the counters, no time for " +
      "thinking, and no mistake: statistics, logs, ports, changes and versions of the configuration are read, one cause " +
      "is concluded, its repair is done, and users are watched until they are well. What it cannot explain it leaves alone.",
    create: () => answerThePage,
  },
  none: {
    assumptions:
      "Nobody. The page is heard and nothing is done for as long as the report's outage lasted: what the outage costs when " +
      "it is left alone, and what everyone else is measured against.",
    create: () => doNothing,
  },
  herring: {
    assumptions:
      "Follows every false lead to its end. Suspects, in this order, servers that fail, the last deployment, what was asked " +
      "of the database, the database itself, and the application as a whole; reads its log for six minutes, says what it " +
      "takes for the cause, restarts it or takes it back, waits for six more and checks. It never suspects what stands in " +
      "front of the servers, and gives up when no lead is left.",
    create: () => followFalseLeads,
  },
  restarter: {
    assumptions:
      "Turns it off and on again. What is down, crashes, fails one request in ten or waits behind a full queue is " +
      "restarted; when nothing looks sick, everything that serves is, the balancer last. Looks again after fifteen minutes, " +
      "for as long as the report's outage lasted. It reads no log and no configuration.",
    create: () => restartTheSick,
  },
  reverter: {
    assumptions:
      "Blames the newest change. It is taken back, then the one before it, and so on, a minute for each, with a check after " +
      "it: configurations by rollback, packages by uninstalling, the rest by reverting. It looks at no metric, no log and no " +
      "configuration, and leaves nothing as it was for being needed.",
    create: () => takeBackTheNewest,
  },
  griefer: {
    assumptions:
      "Makes it worse. Every two minutes it stops the backend that answers the most, and at last the balancer; then it " +
      "watches for as long as the report's outage lasted. It only stops what serves: users and their prober go on.",
    create: () => makeItWorse,
  },
} as const satisfies Record<string, ResponderEntry>;

export type ResponderName = keyof typeof RESPONDERS;
