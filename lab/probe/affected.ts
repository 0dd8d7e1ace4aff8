import type { ProbeRecord, ProbeRoute } from "./record.ts";

/**
 * The users who suffer in a window: more than half of their requests to some route failed in it. A request belongs to
 * the window in which it was sent (`windowStart` included, `windowEnd` not, epoch ms). Calls of the dependent API are
 * nobody's in the population and count for no user.
 */
export function affectedUsers(
  records: Iterable<ProbeRecord>,
  windowStart: number,
  windowEnd: number,
): Set<number> {
  const tallies = new Map<ProbeRoute, Map<number, { sent: number; failed: number }>>();
  for (const record of records) {
    if (record.sentAt < windowStart || record.sentAt >= windowEnd || record.route === "api") continue;
    let users = tallies.get(record.route);
    if (!users) tallies.set(record.route, (users = new Map()));
    let tally = users.get(record.user);
    if (!tally) users.set(record.user, (tally = { sent: 0, failed: 0 }));
    tally.sent += 1;
    if (record.result !== "ok") tally.failed += 1;
  }
  const affected = new Set<number>();
  for (const users of tallies.values())
    for (const [user, { sent, failed }] of users) if (failed * 2 > sent) affected.add(user);
  return affected;
}
