import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { JournalLine } from "../../../lab/drill/events.ts";
import {
  openVirtualSession,
  recordOf,
  replaySession,
  type SessionRecord,
  type VirtualSession,
} from "../../../lab/simulate/virtual-session.ts";
import { nodePlatform } from "../../../lab/world/simulated/node-platform.ts";
import { STEP_MS } from "../../../lab/world/simulated/virtual-time.ts";
import { unevenWeights } from "../../../scenarios/uneven-weights/scenario.ts";

const platform = nodePlatform(join(import.meta.dirname, "..", "..", "..", "dashboards"));
const open = (onEvent: (line: JournalLine) => void = () => {}): VirtualSession =>
  openVirtualSession({ scenario: unevenWeights, seed: 3 }, { platform, onEvent });

const until = async (session: VirtualSession, done: () => boolean, atMost = 4000): Promise<void> => {
  for (let i = 0; i < atMost && !done(); i++) await session.step();
  expect(done()).toBe(true);
};

/** A person who looks, waits and repairs; answers come while time passes. */
async function solved(session: VirtualSession): Promise<void> {
  const { trainee, drill } = session;
  await until(session, () => drill.state.pagedAt !== null);
  const looked = Promise.all([trainee.changes(), trainee.units()]);
  await session.settle();
  await looked;
  const rolledBack = trainee.act({ do: "config rollback", version: 1 });
  const refreshed = trainee.status({}, { background: true });
  await session.step();
  await refreshed;
  const history = trainee.configHistory();
  await session.step();
  // The servers that the first version names are gone: the weights of the second are put right instead.
  const first = (await history).length;
  expect(first).toBeGreaterThan(1);
  void rolledBack.catch(() => {});
  const ended = trainee.end();
  await session.step();
  await ended;
  await until(session, () => session.result !== undefined || session.failure !== undefined);
}

describe("a drill in virtual time for a person", () => {
  it("comes to the same digest when its calls are done again after the same steps, and to another without one", async () => {
    const first = open();
    await solved(first);
    expect(first.failure).toBeUndefined();
    const record = await recordOf(first);
    expect(record.calls.map(({ name }) => name)).toEqual(["changes", "units", "act", "configHistory", "end"]);

    const again = open();
    expect(await replaySession(record, again)).toEqual(record);
    expect(again.result).toEqual(first.result);

    const without = open();
    const calls = record.calls.filter(({ name }) => name !== "units");
    const { digest } = await replaySession({ ...record, calls }, without);
    expect(digest).not.toBe(record.digest);
  });

  it("has a record of whole steps, also when it is asked for in the middle of one", async () => {
    const records: Promise<SessionRecord>[] = [];
    const session = open(({ event }) => {
      if (event === "steady" || event === "changed") records.push(session.record());
    });
    await until(session, () => session.drill.state.pagedAt !== null);
    expect(records).toHaveLength(2);
    for (const record of await Promise.all(records))
      expect(await replaySession(record, open())).toEqual(record);
    await session.close();
  });

  it("answers calls while its time is paused, and time does not move by them", async () => {
    const session = open();
    await session.step();
    const status = session.trainee.status({}, { background: true });
    await session.settle();
    expect((await status).listener).toContain(":");
    expect(session.steps).toBe(1);
    expect(session.world.clock.now()).toBe(STEP_MS);
    expect((await recordOf(session)).calls).toEqual([]);
    await session.close();
  });

  it("keeps calls in the order in which they came, also of those that were made in one step", async () => {
    const session = open();
    await until(session, () => session.drill.state.phase !== "briefing");
    const order: string[] = [];
    const calls = [
      session.trainee.ports().then(() => order.push("ports")),
      session.trainee.changes().then(() => order.push("changes")),
      session.trainee.alerts().then(() => order.push("alerts")),
    ];
    await session.step();
    await Promise.all(calls);
    expect((await recordOf(session)).calls.map(({ name }) => name)).toEqual(["ports", "changes", "alerts"]);
    await session.close();
    expect(session.failure).toBeDefined();
  });
});
