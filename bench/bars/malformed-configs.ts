import { sleep } from "../../runtime/clock.ts";
import type { Random } from "../../runtime/random.ts";
import { mutate, RICH_CONFIG } from "../../test/fuzz/config-mutations.ts";
import { examineConfig } from "../../test/fuzz/examine-config.ts";
import { none, reported, under, type Bar, type BarContext, type Figure } from "./bar.ts";
import { startLoneBalancer } from "./lone-balancer.ts";
import { shopConfig } from "./shop-config.ts";
import { openShop } from "./shop.ts";
import { startVisits } from "./visits.ts";

const MUTATIONS = 20_000;
const WORST_MS = 500;
const REFUSALS = 200;
const RATE = 200;

/** Every text is examined as it is before it takes effect: none may crash the process, none may take long. */
function examineMutations({ clock, random, note }: BarContext): readonly Figure[] {
  let [refused, crashed, worstMs, totalMs] = [0, 0, 0, 0];
  for (let i = 0; i < MUTATIONS; i++) {
    const text = mutate(RICH_CONFIG, random);
    const began = clock.now();
    try {
      if (examineConfig(text).length > 0) refused += 1;
    } catch (error) {
      crashed += 1;
      note(`mutation ${i}: ${String(error)}\n${text.slice(0, 2000)}`);
    }
    const ms = clock.now() - began;
    totalMs += ms;
    worstMs = Math.max(worstMs, ms);
  }
  return [
    reported("mutated configurations", MUTATIONS),
    reported("refused, with place and reason", refused),
    none("crashed, or refused without them", crashed),
    reported("mean time", totalMs / MUTATIONS, "ms"),
    under("worst time", worstMs, "ms", WORST_MS),
  ];
}

/** Only malformed ones: a valid one would be applied, which is no test of refusing. */
function malformed(random: Random): string {
  for (;;) {
    const text = mutate(RICH_CONFIG, random);
    if (examineConfig(text).length > 0) return text;
  }
}

/** Whether an answer refuses a configuration and says where and why. */
function refuses({ status, body }: { readonly status: number; readonly body: string }): boolean {
  if (status !== 422) return false;
  const { error } = JSON.parse(body) as {
    error?: { faults?: { line: number; column: number; message: string }[] };
  };
  const [fault] = error?.faults ?? [];
  return fault !== undefined && fault.line > 0 && fault.column > 0 && fault.message !== "";
}

async function applyUnderLoad({ clock, engine, random }: BarContext): Promise<readonly Figure[]> {
  const shop = await openShop(2);
  const balancer = await startLoneBalancer(shopConfig(shop.ports, engine));
  try {
    const load = startVisits(clock, balancer.port, RATE, () => ({ path: "/", bytes: 5 }));
    let taken = 0;
    for (let i = 0; i < REFUSALS; i++) {
      if (!refuses(await balancer.admin("PUT", "/config", malformed(random)))) taken += 1;
      await sleep(clock, 10);
    }
    const tally = await load.finish();
    const version = (await balancer.metrics()).get("lb_config_version") ?? Number.NaN;
    return [
      reported("malformed ones applied", REFUSALS),
      none("not refused with place and reason", taken),
      none("another configuration in force than the first", version - 1),
      reported("requests meanwhile", tally.sent),
      none("failed requests", tally.failed),
    ];
  } finally {
    await balancer.close();
    await shop.close();
  }
}

export const malformedConfigs: Bar = {
  name: "malformed-configs",
  title: `${MUTATIONS} mutated configurations, ${REFUSALS} of them applied under ${RATE} requests a second`,
  everyEngine: false,
  run: async (context) => [...examineMutations(context), ...(await applyUnderLoad(context))],
};
