import type { ProbeRecord } from "./record.ts";

/** Requests in flight, and those that have ended since the last `take`. */
export interface Ledger {
  /** A request has begun, at this epoch millisecond. Returns what `close` takes. */
  open(sentAt: number): number;
  close(ticket: number, record: ProbeRecord): void;
  /** Returns all that ended since the last call, and the start of all still in flight, oldest first. */
  take(): { readonly records: readonly ProbeRecord[]; readonly openSince: readonly number[] };
}

export function createLedger(): Ledger {
  // A map keeps the order of insertion, which is the order of sending.
  const open = new Map<number, number>();
  let serial = 0;
  let ended: ProbeRecord[] = [];
  return {
    open(sentAt) {
      const ticket = serial++;
      open.set(ticket, sentAt);
      return ticket;
    },
    close(ticket, record) {
      open.delete(ticket);
      ended.push(record);
    },
    take() {
      const records = ended;
      ended = [];
      return { records, openSince: [...open.values()] };
    },
  };
}
