import { describe, expect, it } from "vitest";
import { createConsoleState } from "../../dashboards/console/console-state.ts";
import type { ConsoleWorld } from "../../dashboards/console/world/console-world.ts";
import type { LabEvent } from "../../lab/events/event.ts";
import type { UsersWindow } from "../../lab/trainee/views.ts";
import type { ChangeEntry } from "../../lab/world/change-entry.ts";
import { fakeTrainee } from "../support/fake-trainee.ts";
import { settled } from "../support/fake-world.ts";

const change = (id: string): ChangeEntry => ({
  id,
  at: new Date(1000).toISOString(),
  kind: "config",
  by: "ops",
  summary: id,
  subjects: ["balancer"],
  detail: "",
});
const felt = (to: number, failed: number): UsersWindow => ({
  from: to - 10_000,
  to,
  requests: 100,
  failed,
  affectedRatio: 0.1,
  p95Ms: 90,
  requestsPerSecond: 200,
});

/** What the lab knows of the time before the page was opened. */
interface Past {
  readonly users?: () => Promise<readonly UsersWindow[]>;
  readonly changes?: readonly ChangeEntry[];
}

/** A page over a lab that has run for a while, and what the lab sends it. */
function opened({ users = async () => [], changes = [] }: Past) {
  const asked: unknown[] = [];
  const subscribers: ((event: LabEvent) => void)[] = [];
  const world: ConsoleWorld = {
    kind: "live",
    trainee: fakeTrainee({
      users(_, options) {
        asked.push(options);
        return users();
      },
      async changes(_, options) {
        asked.push(options);
        return changes;
      },
    }),
    onEvent(run) {
      subscribers.push(run);
      return () => {};
    },
    onTrouble: () => () => {},
    close() {},
  };
  const state = createConsoleState(world);
  return { state, asked, send: (event: object) => subscribers.forEach((run) => run(event as LabEvent)) };
}

const traffic = (to: number) => ({ type: "traffic", traffic: { to } });
const status = (failedRatio: number) => ({
  type: "state",
  state: { users: { failedRatio, affectedRatio: 0, requestsPerSecond: 1, routes: {} } },
});

describe("what a page knows of its lab", () => {
  it("begins with what users felt before it was opened, which is no look", async () => {
    const past = [felt(10_000, 0), felt(20_000, 50), felt(21_000, 9)];
    const { state, asked, send } = opened({ users: async () => past });
    send(traffic(22_000));
    send(status(0.4));
    await settled();
    send(traffic(22_250));
    send(status(0.3));
    expect(state.points.value.map(({ at, failedRatio }) => [at, failedRatio])).toEqual([
      [10_000, 0],
      [20_000, 0.5],
      [22_000, 0.4],
      [22_250, 0.3],
    ]);
    expect(asked).toEqual([{ background: true }, { background: true }]);
  });

  it("has every change once, those from before it was opened first", async () => {
    const { state, send } = opened({ changes: [change("a"), change("b")] });
    send({ type: "change", change: change("b") });
    await settled();
    send({ type: "change", change: change("c") });
    expect(state.changes.value.map(({ id }) => id)).toEqual(["a", "b", "c"]);
  });

  it("goes on from now where the past cannot be had", async () => {
    const { state, send } = opened({ users: () => Promise.reject(new Error("away")) });
    await settled();
    send(traffic(500));
    send(status(0.2));
    expect(state.points.value).toMatchObject([{ at: 500, failedRatio: 0.2 }]);
  });
});
