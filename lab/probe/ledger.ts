import type { ProbeRecord } from "./record.ts";

/** What is under way and what has ended since somebody last looked. */
export interface Ledger {
  /** A request has begun, at this epoch millisecond. Returns what `close` takes. */
  open(sentAt: number): number;
  close(ticket: number, record: ProbeRecord): void;
  /** Hands out everything that ended since the last call, and the start of everything still open, oldest first. */
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
