import type { z } from "zod";
import { sandboxSetting, type SandboxSetting } from "./setting.ts";

/** A setting to begin with, and what it teaches. */
export interface Preset {
  /** In links. */
  readonly name: string;
  readonly title: string;
  /** One sentence: where to look, and what is to be seen there. */
  readonly watch: string;
  readonly setting: SandboxSetting;
}

type Given = z.input<typeof sandboxSetting>;
type World = Given["world"];
type Side = Given["sides"][number];

const backends = (...serviceMs: number[]): World["backends"] => serviceMs.map((ms) => ({ serviceMs: ms }));
const alike = (count: number, serviceMs: number): World["backends"] =>
  Array.from({ length: count }, () => ({ serviceMs }));

const preset = (name: string, title: string, watch: string, world: World, a: Side, b: Side): Preset => ({
  name,
  title,
  watch,
  setting: sandboxSetting.parse({ seed: 1, world, sides: [a, b] }),
});

/** Every preset, in the order in which they teach. */
export const PRESETS: readonly Preset[] = [
  preset(
    "slow-upstream",
    "One slow upstream",
    "Round-robin goes on giving web-1, which has become four times slower, its equal share, and the line there grows until it refuses; least connections sees what is in flight there and gives it less.",
    { requestsPerSecond: 120, backends: backends(160, 40, 40, 40) },
    { policy: "round-robin" },
    { policy: "least-connections" },
  ),
  preset(
    "random",
    "Chance or turns",
    "Both give each upstream a quarter over time, but chance also sends several in a row to the same one: look at p99, and at the lines that come and go under random.",
    { requestsPerSecond: 75, backends: alike(4, 40), slots: 1 },
    { policy: "random" },
    { policy: "round-robin" },
  ),
  preset(
    "two-choices",
    "Two choices among fifty",
    "With fifty upstreams and no shared view, looking at only two of them before each pick takes away nearly all of the waiting that blind chance makes.",
    { requestsPerSecond: 350, backends: alike(50, 100), slots: 1 },
    { policy: "random" },
    { policy: "random-two" },
  ),
  preset(
    "weights",
    "Weights that fit",
    "web-1 is three times as fast as the others: with equal weights it idles while they have lines, with a weight of 3 every upstream is as busy as the next.",
    { requestsPerSecond: 60, backends: backends(20, 60, 60), slots: 1 },
    { policy: "round-robin" },
    { policy: "round-robin", weights: [3, 1, 1] },
  ),
  preset(
    "one-queue",
    "One line or many",
    "The same turns, but B holds back what an upstream has no slot for and lets whoever is free first take it: one line at the balancer is shorter for everybody than four behind it.",
    { requestsPerSecond: 88, backends: alike(4, 40), slots: 1 },
    { policy: "round-robin" },
    { policy: "round-robin", maxConnections: 1 },
  ),
  preset(
    "slow-start",
    "A cold start",
    "Every 15 s an upstream is restarted and is cold at first: full traffic at once makes a line that takes long to go, a slow start lets it warm up on a growing share.",
    {
      requestsPerSecond: 240,
      backends: alike(4, 40),
      slots: 4,
      coldFactor: 6,
      restartEverySeconds: 15,
      downSeconds: 3,
    },
    { policy: "round-robin", retries: 1 },
    { policy: "round-robin", retries: 1, slowStartSeconds: 10 },
  ),
  preset(
    "health-checks",
    "A dead upstream",
    "Every 15 s an upstream dies for 6 s: without health checks one request in four fails all that time, with them only until two checks have failed.",
    { requestsPerSecond: 120, backends: alike(4, 40), restartEverySeconds: 15, downSeconds: 6 },
    { policy: "round-robin", healthChecks: false },
    { policy: "round-robin" },
  ),
  preset(
    "retries",
    "Retries under overload",
    "There is a tenth more load than there are slots: without a budget nearly every request is sent three times, nearly always for nothing; with one, retries stay at a tenth, and more users get an answer.",
    { requestsPerSecond: 110, backends: alike(4, 40), slots: 1 },
    { policy: "round-robin", retries: 3, retryBudgetPercent: 100, timeoutMs: 500 },
    { policy: "round-robin", retries: 3, retryBudgetPercent: 10, timeoutMs: 500 },
  ),
  preset(
    "hot-users",
    "Hot spots of a hash",
    "A few users send much of the traffic: a hash of the user keeps each at one upstream, which pays with a line, while least connections spreads the same users over all.",
    { requestsPerSecond: 100, userSkew: 1, backends: alike(6, 40), slots: 1 },
    { policy: "ring-hash" },
    { policy: "least-connections" },
  ),
];

export const presetNamed = (name: string): Preset | undefined => PRESETS.find((one) => one.name === name);
