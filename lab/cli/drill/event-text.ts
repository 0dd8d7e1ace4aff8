import type { EndReason, JournalLine } from "../../drill/events.ts";
import type { DrillState } from "../../drill/state.ts";
import { isDriller } from "../../trainee/actor.ts";
import { paint } from "../output.ts";

const LOOK_AND_ACT = `
In a second terminal, in this folder:
  look   npx lblab status | ps | logs UNIT | changes | config show | config diff 1 2 | metrics UNIT
         curl -i http://LISTENER/     ss -ltnp
  act    npx lblab config apply FILE | config rollback [VERSION]
         npx lblab unit start|stop|restart|kill|enable|disable UNIT | unit config UNIT key=value
         npx lblab package uninstall NAME | change revert ID | upstream drain|enable NAME | upstream weight NAME N
  then   npx lblab check        are users well?
         npx lblab diagnose     say what it is
         npx lblab hint         if you are stuck
         npx lblab end          finish: is it durable? and the debrief
`;

/** What is printed of an event for the person at the terminal; undefined: nothing. */
export function eventText(
  line: JournalLine,
  state: DrillState,
  { auto, listener }: { readonly auto: boolean; readonly listener: string },
): string | undefined {
  switch (line.event) {
    case "steady":
      return `steady: ${line.requestsPerSecond} requests/s, p95 ${Object.entries(line.p95Ms)
        .map(([route, p95]) => `${route} ${p95} ms`)
        .join(", ")}, nobody paged`;
    case "paged":
      return `${paint(["red", "bold"], `PAGER: ${line.alert}: ${line.summary}`)}${auto || state.page?.summary !== line.summary ? "" : LOOK_AND_ACT.replace("LISTENER", listener)}`;
    case "reminded":
      return paint("red", `PAGER: still ${line.alert}: ${line.summary} (lblab alerts ack stops it)`);
    case "informed":
      return `alert, for information: ${line.alert}: ${line.summary}`;
    case "acknowledged":
      return auto ? undefined : `acknowledged: ${line.alerts.join(", ")}`;
    case "diagnosed": {
      const { component, mechanism, scope } = line.diagnosis;
      return auto ? `  on call: diagnosis: ${component}, ${mechanism}, ${scope}` : undefined;
    }
    case "acted":
      return `${whoText(line.by, auto)}: ${line.action}: ${line.ok || !auto ? "" : "failed: "}${line.message}`;
    case "prevented":
      return paint(
        "yellow",
        `${line.by} refused a change (${line.kind}) by ${line.author} on ${line.subjects.join(", ")}: ${line.message}`,
      );
    case "held":
      return `${line.by} held a change (${line.kind}) by ${line.author} for ${Math.round(line.ms / 1000)} s: ${line.message}`;
    case "caught":
      return paint("yellow", `${line.by} undid ${line.change} (${line.kind}) by ${line.author}`);
    case "suspected":
      return paint("yellow", `${line.by}: ${line.message}`);
    case "checked":
      // After the end the judge checks.
      return auto && state.phase === "ending"
        ? undefined
        : `${auto ? "  on call: " : ""}check: ${line.ok ? "OK" : `NO: ${line.felt.join("; ")}`}`;
    case "noticed":
      return `seen, past the lab: ${line.action}: ${line.message} (by ${line.by ?? "unknown"})`;
    case "resumed":
      return "the drill goes on: what users feel now is yours to repair; lblab end finishes it again";
    case "ending":
      return `${REASONS[line.reason] ?? ""}${endingText(state)}`;
    case "restarted":
      return line.well
        ? `restarted; users are well again after ${line.seconds} s`
        : `restarted; users are not well, ${line.seconds} s later`;
    case "reset":
      return `reset in ${line.ms} ms: ${line.equal ? "equal to the start" : "NOT equal to the start"}`;
    case "refused":
    case "void":
      return `${line.event}: ${line.reason}`;
    default:
      return undefined;
  }
}

/** The person at the terminal is "you". */
const whoText = (by: string | undefined, auto: boolean): string =>
  by !== undefined && !isDriller(by) ? by : auto ? "  on call" : "you";

/** Why a drill ends, where that is not plain. */
const REASONS: Partial<Record<EndReason, string>> = {
  "time-limit": "time is up: ",
  prevented: "a measure refused the change, and users do not feel it: ",
  caught: "a measure undid the change, and users are well: ",
};

const endingText = ({ changedAt }: DrillState): string =>
  changedAt === null
    ? "the drill ends: a last look at the users ..."
    : "the drill ends: a last look at the users; if they are well, all units are restarted once, to see whether it lasts ...";
