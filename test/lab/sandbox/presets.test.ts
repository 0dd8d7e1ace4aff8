import { describe, expect, it } from "vitest";
import { PRESETS } from "../../../lab/sandbox/presets.ts";
import { createSandbox, type HistoryPoint, type SandboxSideView } from "../../../lab/sandbox/sandbox.ts";
import { sandboxSetting } from "../../../lab/sandbox/setting.ts";
import { nodeTurn } from "../../../lab/world/simulated/node-time.ts";
import { STEP_MS } from "../../../lab/world/simulated/virtual-time.ts";

/** The worst of a figure in the history. */
const most = ({ history }: SandboxSideView, of: keyof HistoryPoint): number =>
  Math.max(...history.map((point) => point[of] ?? 0));
const mean = ({ history }: SandboxSideView, of: keyof HistoryPoint): number =>
  history.reduce((sum, point) => sum + (point[of] ?? 0), 0) / history.length;
const mostWaiting = ({ upstreams }: SandboxSideView): number =>
  Math.max(...upstreams.map(({ waiting }) => waiting));

/** What each preset's sentence says, as figures of both sides after half a minute. */
const LESSONS: Readonly<Record<string, (a: SandboxSideView, b: SandboxSideView) => boolean>> = {
  "slow-upstream": (a, b) =>
    most(a, "p95Ms") > 10 * most(b, "p95Ms") && mostWaiting(a) > 50 && (b.upstreams[0]?.share ?? 1) < 0.15,
  random: (a, b) => mean(a, "p99Ms") > 1.5 * mean(b, "p99Ms"),
  "two-choices": (a, b) => mean(a, "p99Ms") > 2 * mean(b, "p99Ms"),
  weights: (a, b) => mean(a, "p95Ms") > 10 * mean(b, "p95Ms"),
  "one-queue": (a, b) => mean(a, "p99Ms") > 1.3 * mean(b, "p99Ms"),
  "slow-start": (a, b) => most(a, "p95Ms") > 5 * most(b, "p95Ms"),
  "health-checks": (a, b) =>
    most(a, "failedRatio") > 0.2 && mean(a, "failedRatio") > 2 * mean(b, "failedRatio"),
  retries: ({ figures: a }, { figures: b }) =>
    a.attemptsPerRequest > 2 * b.attemptsPerRequest && a.failedRatio > b.failedRatio + 0.2,
  "hot-users": (a, b) => most(a, "p95Ms") > 10 * most(b, "p95Ms"),
};

describe("a preset of the sandbox", () => {
  it.each(PRESETS)("$name teaches what its sentence says", async ({ name, setting }) => {
    const box = createSandbox(setting, { nextTurn: nodeTurn });
    for (let i = 0; i < 30_000 / STEP_MS; i++) await box.step();
    const [a, b] = box.views();
    if (!a || !b) throw new Error("it has two sides");
    expect(LESSONS[name]?.(a, b)).toBe(true);
  });

  it("has one sentence, a title and bounds that hold", () => {
    expect(Object.keys(LESSONS)).toEqual(PRESETS.map(({ name }) => name));
    for (const { watch, title, setting } of PRESETS) {
      expect(watch).toMatch(/^(?:[A-Z]|web-1)[^.]*\.$/);
      expect(title).toMatch(/^[A-Z]/);
      expect(sandboxSetting.parse(setting)).toEqual(setting);
    }
  });
});
