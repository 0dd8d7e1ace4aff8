import { z } from "zod";
import type { RequestRecord } from "../../lb/balancer.ts";

/** Fields that the balancer sets from closed lists are any string here: others can write to a log file. */
type Words = "flag" | "state" | "reason" | "attempts" | "protocol" | "peerPort";

/** One request that the balancer has ended, as its access log has it. Durations in ms; undefined for stages never reached. */
export interface AccessRecord extends Omit<RequestRecord, Words> {
  readonly flag: string;
  readonly state: string;
  readonly reason: string | undefined;
  readonly attempts: readonly {
    readonly upstream: string;
    readonly result: string;
    readonly pickedBecause?: string | undefined;
  }[];
}

/** Requests that the balancer has ended, in the order in which it ended them. */
export interface AccessBatch {
  readonly records: readonly AccessRecord[];
  /** There were others whose lines could not be read. */
  readonly missed: boolean;
}

/** The balancer bounds what a client can send; this bounds what anyone can write into the log. */
const MAX_TEXT = 16 * 1024;
const MAX_ATTEMPTS = 100;

const text = z.string().max(MAX_TEXT);
const ms = z.number().nonnegative().nullable();

/** A line of the access log in JSON: what `jsonLine` of the balancer writes. No transformations: they take ten times as long. */
const accessLine = z.object({
  time: text,
  requestId: text,
  listener: text,
  route: text,
  pool: text,
  method: text,
  target: text,
  host: text,
  peer: text,
  status: z.int().min(0).max(999),
  flag: text,
  state: text,
  reason: text.nullable(),
  origin: z.enum(["balancer", "upstream"]),
  tries: z
    .array(z.object({ upstream: text, result: text, pickedBecause: text.optional() }))
    .max(MAX_ATTEMPTS),
  queueMs: ms,
  connectMs: ms,
  responseMs: ms,
  totalMs: z.number().nonnegative(),
  bytesOut: z.number().nonnegative(),
});

/** Undefined for anything but a line of the access log in JSON. */
export function parseAccessLine(line: string): AccessRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined; // in HAProxy's format, torn, or written by another program
  }
  const parsed = accessLine.safeParse(value);
  if (!parsed.success) return undefined;
  const { time, reason, tries, queueMs, connectMs, responseMs, ...rest } = parsed.data;
  const at = Date.parse(time);
  if (Number.isNaN(at)) return undefined;
  return {
    ...rest,
    at,
    reason: reason ?? undefined,
    attempts: tries,
    queueMs: queueMs ?? undefined,
    connectMs: connectMs ?? undefined,
    responseMs: responseMs ?? undefined,
  };
}
