import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { expect, it } from "vitest";
import { merged, pollAlerts } from "../../lab/world/docker/alert-poll.ts";
import type { ActiveAlert } from "../../lab/observe/alert-log.ts";
import { during } from "../support/cleanup.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { until } from "../support/until.ts";

const labels = { alertname: "HighFailureRatio", severity: "page", route: "page" };
const firing = {
  labels,
  annotations: { summary: "many" },
  state: "firing" as const,
  activeAt: "2026-01-01T00:00:00Z",
  value: "2.5e-01",
};

it("an alert's state comes from Prometheus, and what holds it back from Alertmanager, however its labels are ordered", () => {
  const reordered = { route: "page", severity: "page", alertname: "HighFailureRatio" };
  const status = { inhibitedBy: [] as string[], silencedBy: [] as string[] };
  const startsAt = "2026-01-01T00:00:05Z";
  const one = (more: Partial<typeof status>) =>
    merged([firing], [{ labels: reordered, startsAt, status: { ...status, ...more } }])[0];
  expect(one({})).toEqual({
    name: "HighFailureRatio",
    labels,
    annotations: { summary: "many" },
    state: "firing",
    value: 0.25,
    activeAt: Date.parse("2026-01-01T00:00:00Z"),
    firedAt: Date.parse(startsAt),
    suppressed: undefined,
  });
  expect(one({ inhibitedBy: ["x"] })?.suppressed).toBe("inhibited");
  expect(one({ silencedBy: ["x"], inhibitedBy: ["y"] })?.suppressed).toBe("silenced");
  expect(merged([{ ...firing, state: "pending" }], [])[0]?.firedAt).toBeUndefined();
  expect(merged([firing], [{ labels: { ...labels, route: "login" }, startsAt, status }])[0]).toMatchObject({
    firedAt: Date.parse(firing.activeAt),
  });
});

/** Plays both servers; answers 503 while it is not `well`. */
async function watchers() {
  const state = { well: true, requests: 0 };
  const server: Server = createServer((request, response) => {
    state.requests += 1;
    response.statusCode = state.well ? 200 : 503;
    response.end(JSON.stringify(request.url === "/api/v1/alerts" ? { data: { alerts: [firing] } } : []));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  await during(server);
  return { state, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

it("what was known stays without an answer for a moment; when none comes for long it is reported once", async () => {
  const clock = createManualClock();
  const { state, url } = await watchers();
  const seen: (readonly ActiveAlert[])[] = [];
  const lost: string[] = [];
  const stop = pollAlerts({
    clock,
    prometheus: url,
    alertmanager: url,
    onActive: (alerts) => seen.push(alerts),
    onLost: (reason) => lost.push(reason),
  });
  const turn = async (): Promise<void> => {
    const before = state.requests;
    clock.advance(1000);
    await until(() => state.requests > before, "the next poll");
  };
  await turn();
  await until(() => seen.length === 1, "the alerts");
  expect(seen[0]).toMatchObject([{ name: "HighFailureRatio" }]);

  state.well = false;
  await turn();
  state.well = true;
  await until(async () => {
    await turn();
    return seen.length > 1;
  }, "answers again");
  expect(lost).toEqual([]);

  state.well = false;
  await until(async () => {
    clock.advance(1000);
    await new Promise(setImmediate);
    return lost.length > 0;
  }, "to be given up");
  expect(lost).toHaveLength(1);
  expect(lost[0]).toContain("15 s");
  const requests = state.requests;
  clock.advance(60_000);
  await new Promise(setImmediate);
  expect(state.requests).toBe(requests);
  expect(lost).toHaveLength(1);
  stop();
});
