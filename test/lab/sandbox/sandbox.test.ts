import { describe, expect, it } from "vitest";
import { presetNamed } from "../../../lab/sandbox/presets.ts";
import { createSandbox, type Sandbox } from "../../../lab/sandbox/sandbox.ts";
import { sandboxSetting, type SandboxSetting } from "../../../lab/sandbox/setting.ts";
import { nodeTurn } from "../../../lab/world/simulated/node-time.ts";
import { STEP_MS } from "../../../lab/world/simulated/virtual-time.ts";
import type { RequestRecord } from "../../../lb/balancer.ts";

const SETTING: SandboxSetting = sandboxSetting.parse({
  seed: 3,
  world: {
    requestsPerSecond: 60,
    backends: [{ serviceMs: 40 }, { serviceMs: 40 }, { serviceMs: 40 }],
    slots: 2,
  },
  sides: [{ policy: "round-robin" }, { policy: "least-connections" }],
});

type World = Partial<SandboxSetting["world"]>;
const withWorld = (world: World): SandboxSetting => ({ ...SETTING, world: { ...SETTING.world, ...world } });
const killed = (place: number): SandboxSetting =>
  withWorld({ backends: SETTING.world.backends.map((one, i) => ({ ...one, running: i !== place })) });

/** A sandbox, and every request that ended in it. */
function open(setting = SETTING) {
  const ended: RequestRecord[][] = setting.sides.map(() => []);
  const box = createSandbox(setting, {
    nextTurn: nodeTurn,
    onRequest: (side, one) => ended[side]?.push(one),
  });
  return { box, ended };
}

async function seconds(box: Sandbox, count: number): Promise<void> {
  for (let i = 0; i < (count * 1000) / STEP_MS; i++) await box.step();
}

const upstream = (box: Sandbox, side: number, place: number) => box.views()[side]?.upstreams[place];

describe("a sandbox", () => {
  it("gives the same requests for the same setting and the same changes after the same steps", async () => {
    const runs = await Promise.all(
      [1, 2].map(async () => {
        const { box, ended } = open();
        await seconds(box, 3);
        box.change(killed(1));
        await seconds(box, 4);
        box.change(withWorld({ requestsPerSecond: 90 }));
        await seconds(box, 2);
        return ended;
      }),
    );
    expect(runs[0]?.[0]?.length).toBeGreaterThan(500);
    expect(runs[0]).toEqual(runs[1]);
    const other = open({ ...SETTING, seed: 4 });
    await seconds(other.box, 2);
    expect(other.ended[0]?.[0]?.at).not.toBe(runs[0]?.[0]?.[0]?.at);
  });

  it("sends both sides the same requests at the same times, whatever their balancers do", async () => {
    const { box, ended } = open();
    await seconds(box, 5);
    const sent = (side: number) =>
      (ended[side] ?? [])
        .map(({ at, target }) => `${at} ${target}`)
        .sort()
        .slice(0, 200);
    expect(sent(0)).toHaveLength(200);
    expect(sent(0)).toEqual(sent(1));
    const at = (side: number) => ended[side]?.map(({ attempts }) => attempts[0]?.upstream);
    expect(at(0)).not.toEqual(at(1));
  });

  it("takes a killed backend out by its health checks, and sends it requests again once it is started", async () => {
    const { box } = open();
    await seconds(box, 2);
    box.change(killed(0));
    await seconds(box, 4);
    expect(upstream(box, 0, 0)).toMatchObject({
      running: false,
      state: "DOWN",
      effectiveWeight: 0,
      working: 0,
    });
    box.change(SETTING);
    await seconds(box, 10);
    expect(upstream(box, 0, 0)).toMatchObject({ running: true, state: "UP" });
    expect(upstream(box, 0, 0)?.share).toBeCloseTo(1 / 3, 1);
  });

  it("follows weights, load and service times as they are changed", async () => {
    const { box } = open();
    await seconds(box, 6);
    const before = box.views()[0]?.figures;
    box.change({
      ...withWorld({
        requestsPerSecond: 30,
        backends: SETTING.world.backends.map(() => ({ serviceMs: 80, running: true })),
      }),
      sides: [
        { ...SETTING.sides[0], policy: "round-robin", weights: [2, 1, 1] } as SandboxSetting["sides"][number],
        ...SETTING.sides.slice(1),
      ],
    });
    await seconds(box, 8);
    const [view] = box.views();
    expect(view?.figures.requestsPerSecond).toBeLessThan((before?.requestsPerSecond ?? 0) * 0.7);
    expect(view?.figures.p50Ms).toBeGreaterThan((before?.p50Ms ?? 0) * 1.5);
    expect(view?.upstreams.map(({ configuredShare }) => configuredShare)).toEqual([0.5, 0.25, 0.25]);
    expect(view?.upstreams[0]?.share).toBeCloseTo(0.5, 1);
  });

  it("adds upstreams and takes them away", async () => {
    const { box } = open();
    await seconds(box, 1);
    box.change(withWorld({ backends: Array.from({ length: 5 }, () => ({ serviceMs: 40, running: true })) }));
    await seconds(box, 6);
    expect(box.views()[0]?.upstreams.map(({ requestsPerSecond }) => requestsPerSecond > 5)).toEqual(
      Array(5).fill(true),
    );
    box.change(withWorld({ backends: [{ serviceMs: 20, running: true }] }));
    await seconds(box, 1);
    expect(box.views()[0]?.upstreams).toHaveLength(1);
    expect(box.views()[0]?.reasons.map(([reason]) => reason)).toContain("only-candidate");
  });

  it("restarts one backend after the other where its world says so", async () => {
    const { box } = open(withWorld({ restartEverySeconds: 2, downSeconds: 1 }));
    const down: (string | undefined)[] = [];
    for (let second = 0; second < 8; second++) {
      await seconds(box, 1);
      down.push(box.views()[0]?.upstreams.find(({ running }) => !running)?.name);
    }
    expect(down).toEqual([undefined, "web-3", undefined, "web-2", undefined, "web-1", undefined, "web-3"]);
  });

  it("keeps a point of history a second, a minute at most", async () => {
    const { box } = open(withWorld({ requestsPerSecond: 1 }));
    await seconds(box, 62);
    const history = box.views()[0]?.history ?? [];
    expect(history).toHaveLength(60);
    expect(history.at(-1)?.second).toBe(62);
  });

  it("gives the traffic since the last look, with why each upstream was picked", async () => {
    const { box } = open(presetNamed("hot-users")?.setting);
    await seconds(box, 1);
    const [first] = box.views();
    expect(first?.traffic.samples[0]).toMatchObject({ attempts: [{ pickedBecause: "hash" }] });
    expect(box.views()[0]?.traffic.samples).toEqual([]);
  });
});
