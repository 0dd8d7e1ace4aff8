import { sleep } from "../../runtime/clock.ts";
import { atLeast, none, type Bar, type BarContext } from "./bar.ts";
import type { LoneBalancer } from "./lone-balancer.ts";
import { changeAt, POOL_CHANGES } from "./shop-changes.ts";
import { changedUnderLoad, RATE, USER_HEADER, WEB_SOCKETS } from "./under-load.ts";
import { until } from "./until.ts";

const CANARIES = 50;
const STARTED_MS = 120;
const STEP_WITHIN_MS = 5000;

interface CanaryAnswer {
  readonly canary: { readonly version: number; readonly phase: string; readonly share: number } | null;
}

const statusOf = async (balancer: LoneBalancer): Promise<CanaryAnswer["canary"]> =>
  (JSON.parse((await balancer.admin("GET", "/config/canary")).body) as CanaryAnswer).canary;

/** Starts one, lets every second step, and promotes or aborts it. Whether each of these was done. */
async function tryOne({ clock, note }: BarContext, balancer: LoneBalancer, turn: number, config: object) {
  const steps = turn % 2 === 0;
  const query = `share=10%25&step=20%25&every=${steps ? "200ms" : "1h"}&bake=1h&user=header:${USER_HEADER}`;
  const started = await balancer.admin("POST", `/config/canary?${query}`, JSON.stringify(config));
  if (started.status !== 200) {
    note(`canary ${turn} did not start: ${started.body}`);
    return { started: false, stepped: false, ended: false };
  }
  await sleep(clock, STARTED_MS);
  const grown = async () => {
    const status = await statusOf(balancer);
    return status !== null && (status.share > 0.1 || status.phase === "aborted");
  };
  if (steps) await until(clock, grown, STEP_WITHIN_MS);
  const stepped = ((await statusOf(balancer))?.share ?? 0) > 0.1;
  const verb = turn % 4 < 2 ? "promote" : "abort";
  const ended = await balancer.admin("POST", `/config/canary/${verb}`, "{}");
  // Its own verdict may have been first.
  if (ended.status === 200 || (await statusOf(balancer))?.phase === "aborted")
    return { started: true, stepped, ended: true };
  note(`canary ${turn}: ${verb}: ${ended.body}`);
  return { started: true, stepped, ended: false };
}

export const canaries: Bar = {
  name: "canaries",
  title: `${CANARIES} canaries (start, step, promote, abort) under ${RATE} requests a second, ${WEB_SOCKETS} WebSockets open`,
  everyEngine: true,
  run: (context) =>
    changedUnderLoad(context, async (balancer, ports) => {
      const done = { started: 0, stepped: 0, ended: 0 };
      for (let turn = 1; turn <= CANARIES; turn++) {
        const config = changeAt(POOL_CHANGES, turn)(turn, ports, context.engine);
        const one = await tryOne(context, balancer, turn, config);
        for (const what of ["started", "stepped", "ended"] as const) done[what] += one[what] ? 1 : 0;
      }
      return [
        none("canaries that did not start", CANARIES - done.started),
        none("canaries that did not end", CANARIES - done.ended),
        atLeast("canaries that grew a step", done.stepped, 1),
      ];
    }),
};
