import { NOBODY, type ProbeRecord, type ProbeRoute } from "../probe/record.ts";
import { failedIn } from "./window.ts";

const PLACE: Readonly<Record<ProbeRoute, number>> = { page: 0, account: 1, login: 2, api: -1 };
const ROUTES = 3;

/** Of the users that fail more than half of the time on some route, and of all others: the share of their requests that fail. */
export interface Parted {
  /** Undefined where there were none. */
  readonly affectedFailedRatio: number | undefined;
  readonly othersFailedRatio: number | undefined;
}

/** Each user's requests and failures over any length of time: a few numbers a user. */
export interface PeopleTally {
  add(records: Iterable<ProbeRecord>): void;
  parted(): Parted;
}

export function createPeopleTally(users: number): PeopleTally {
  const sent = new Uint32Array(users * ROUTES);
  const failed = new Uint32Array(users * ROUTES);
  return {
    add(records) {
      for (const record of records) {
        const place = PLACE[record.route];
        if (record.user === NOBODY || place < 0 || record.user >= users) continue;
        const key = record.user * ROUTES + place;
        sent[key] = (sent[key] ?? 0) + 1;
        if (failedIn(record)) failed[key] = (failed[key] ?? 0) + 1;
      }
    },
    parted() {
      const affected = { sent: 0, failed: 0 };
      const others = { sent: 0, failed: 0 };
      for (let user = 0; user < users; user++) {
        const theirs = { sent: 0, failed: 0, suffers: false };
        for (let key = user * ROUTES; key < (user + 1) * ROUTES; key++) {
          const [all, lost] = [sent[key] ?? 0, failed[key] ?? 0];
          theirs.sent += all;
          theirs.failed += lost;
          theirs.suffers ||= lost * 2 > all;
        }
        const group = theirs.suffers ? affected : others;
        group.sent += theirs.sent;
        group.failed += theirs.failed;
      }
      return { affectedFailedRatio: ratioOf(affected), othersFailedRatio: ratioOf(others) };
    },
  };
}

const ratioOf = ({ sent, failed }: { readonly sent: number; readonly failed: number }): number | undefined =>
  sent === 0 ? undefined : failed / sent;
