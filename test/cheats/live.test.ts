import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { DrillRun } from "../../lab/control/prepare-drill.ts";
import { inspectJournal } from "../../lab/drill/read-journal.ts";
import { takenPorts } from "../../lab/world/taken-ports.ts";
import type { PaceSet, Scenario } from "../../scenarios/scenario.ts";
import { deadBackends } from "../../scenarios/dead-backends/scenario.ts";
import { startLiveLab, type LiveLab } from "../support/live-lab.ts";
import { until } from "../support/until.ts";
import { hardware, instruments } from "./cheats/acts.ts";
import { IMITATIONS } from "./cheats/index.ts";
import { byHand, liveBench } from "./live-bench.ts";

const scratch = mkdtempSync(join(tmpdir(), "lblab-cheats-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const { drill: pace } = deadBackends.paces;
/** The incident with fewer users and no limit on latency: a busy machine's speed is no part of this. */
const drill: PaceSet = {
  ...pace,
  workload: { ...pace.workload, loadRequestsPerSecond: 10, users: { ...pace.workload.users, count: 200 } },
  steadyState: { failedRatio: 0.02, affectedRatio: 0.02, p95Ms: {} },
  timing: { ...pace.timing, steadyWithinMs: 120_000, impactWithinMs: 60_000 },
};
const scenario: Scenario = { ...deadBackends, paces: { ...deadBackends.paces, drill } };

const isTaken = (port: number) => async (): Promise<boolean> => (await takenPorts([port])).length > 0;
const unitFile = ({ home, lab }: LiveLab, unit: string): string =>
  join(home, "run", lab.listener.split(":")[1] ?? "", "units", `${unit}.json`);
const pidOf = async ({ lab }: LiveLab, name: string): Promise<number> =>
  (await lab.client.units()).find((unit) => unit.name === name)?.pid ?? Number.NaN;

/** Sets one thing in a file of JSON. */
function edited(path: string, change: (config: Record<string, unknown>) => object): void {
  const config = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  writeFileSync(path, JSON.stringify({ ...config, ...change(config) }));
}

describe("on a real machine, in one drill, nothing of this is a repair:", () => {
  let live: LiveLab;
  let run: DrillRun;
  beforeAll(async () => {
    live = await startLiveLab();
    run = live.drill(scenario, true);
    const isPaged = () => run.drill.state.pagedAt !== null && run.drill.state.phase === "open";
    await Promise.race([until(isPaged, "the page", 190_000), run.result]);
  });
  afterAll(() => live.close());

  it.each(
    [...instruments(["probe", "load", "evaluator"]), hardware].map((cheat) => [cheat.name, cheat] as const),
  )("%s: refused", async (_name, { steps, because }) => {
    for (const step of steps) {
      const { ok, message } = await live.lab.client.act(step);
      expect(ok).toBe(false);
      expect(message).toMatch(because);
    }
  });

  it.each(IMITATIONS.map((cheat) => [cheat.name, cheat] as const))(
    "%s: NO, by name",
    async (_name, { run }) => {
      const bench = liveBench(live);
      const undo = await run(bench);
      const pids = [...bench.pids];
      const { ok, felt } = await live.lab.client.check();
      const status = await live.lab.client.status();
      await undo();
      expect(ok).toBe(false);
      expect(felt.join("\n")).toContain("answers that no backend of this lab gave");
      expect(pids.length).toBeGreaterThan(0);
      for (const pid of pids)
        expect(felt.join("\n")).toMatch(
          new RegExp(`port \\d+ is held by \\S+ \\(pid ${pid}\\), which is no unit of this lab`),
        );
      expect(Object.keys(status.users.failures["page"] ?? {})).toContain("unproved");
    },
  );

  it("a server of the lab's own kind, started by hand where one is dead, with a faster machine: NO", async () => {
    const bench = liveBench(live);
    const dead = (await bench.upstreams()).filter(({ isThere }) => !isThere);
    const stops = await Promise.all(
      dead.map(async ({ name, port }) => {
        const path = join(scratch, `${name}.json`);
        const config = JSON.parse(readFileSync(unitFile(live, "web-1"), "utf8")) as object;
        writeFileSync(path, JSON.stringify({ ...config, name, port }));
        return byHand("backends/main.js", path, isTaken(port));
      }),
    );
    const { ok, felt } = await live.lab.client.check();
    await Promise.all(stops.map((stop) => stop()));
    expect(ok).toBe(false);
    expect(felt.join("\n")).toContain("answers that no backend of this lab gave");
    await until(async () => !(await isTaken(dead[0]?.port ?? 0)()), "the port to be free");
  });

  it("a balancer of one's own with a good configuration in place of the lab's: NO", async () => {
    const { listener } = liveBench(live);
    const { yaml } = await live.lab.client.config({ version: 1 });
    const configPath = join(scratch, "balancer.yaml");
    writeFileSync(configPath, yaml);
    const path = join(scratch, "by-hand.json");
    writeFileSync(path, JSON.stringify({ name: "by-hand", configPath, seed: 1 }));
    await live.lab.client.act({ do: "unit stop", unit: "balancer" });
    const stop = await byHand("lb/main.js", path, isTaken(listener));
    const { ok, felt } = await live.lab.client.check();
    await stop();
    await until(async () => !(await isTaken(listener)()), "the port to be free");
    await live.lab.client.act({ do: "unit start", unit: "balancer" });
    expect(ok).toBe(false);
    expect(felt.join("\n")).toContain(`port ${listener} is held by`);
    expect(felt.join("\n")).toContain("answers that no backend of this lab gave");
  });

  it("a unit's file edited by hand, and its process killed: it starts with what it had", async () => {
    const path = unitFile(live, "web-1");
    const before = readFileSync(path, "utf8");
    const { capacity } = JSON.parse(before) as { capacity: object };
    edited(path, () => ({ capacity: { ...capacity, slots: 1000, serviceMs: 1 } }));
    const pid = await pidOf(live, "web-1");
    process.kill(pid, "SIGKILL");
    await until(
      async () =>
        (await live.lab.client.units()).some(
          (unit) => unit.name === "web-1" && unit.state === "active" && unit.pid !== pid,
        ),
      "web-1 to be back",
    );
    expect(readFileSync(path, "utf8")).toBe(before);
  });

  it("a line of the journal edited in place: the verdict is what it was, and the record shows the damage", async () => {
    expect((await live.lab.client.check()).ok).toBe(false);
    const text = readFileSync(run.journal, "utf8");
    const passed = text.replace('"event":"checked","ok":false', '"event":"checked","ok":true ');
    expect(passed).not.toBe(text);
    expect(inspectJournal(run.journal).damage).toBeUndefined();
    writeFileSync(run.journal, passed);
    expect((await live.lab.client.check()).ok).toBe(false);
    expect(run.drill.state.checks.every(({ ok }) => !ok)).toBe(true);
    expect(inspectJournal(run.journal).damage).toMatchObject({
      reason: "the line before it is not the one that was written",
    });
    writeFileSync(run.journal, text + readFileSync(run.journal, "utf8").slice(text.length));
  });

  it("and a repair in earnest still is one", async () => {
    expect(await live.lab.client.act({ do: "config rollback", version: 1 })).toMatchObject({ ok: true });
    await live.checkUntilOk(60_000);
    await live.lab.client.end();
    expect(await run.result).toMatchObject({ check: "OK", durable: true, resetEqual: true });
  });
});

describe("on a real machine, a drill is void, by name, when", () => {
  let live: LiveLab;
  let run: DrillRun;
  afterEach(() => live.close());
  /** The lab has been up for a moment: what it is judged by is watched from its start on. */
  const begun = async (): Promise<void> => {
    live = await startLiveLab();
    run = live.drill(scenario, false);
    const isUp = async () => {
      const pager = (await live.lab.client.units()).find(({ name }) => name === "evaluator");
      return pager?.state === "active" && Date.now() - pager.since > 3000;
    };
    await Promise.race([until(isUp, "the lab to be up", 60_000), run.result]);
  };
  const voided = async (reason: RegExp): Promise<void> => {
    await expect(run.result).rejects.toMatchObject({ code: "DRILL_VOID", because: "instruments" });
    await expect(run.result).rejects.toThrow(reason);
  };

  it("the pager's process is stopped", async () => {
    await begun();
    process.kill(await pidOf(live, "evaluator"), "SIGSTOP");
    await voided(/^evaluator was stopped by a signal \(pid \d+\): without it users cannot be judged$/);
  });

  it("the prober is killed, to start again on a file in which it was moved", async () => {
    await begun();
    edited(unitFile(live, "probe"), () => ({ target: "http://127.0.0.1:1" }));
    process.kill(await pidOf(live, "probe"), "SIGKILL");
    await voided(/^probe ended \(killed by SIGKILL\): without it users cannot be judged$/);
  });

  it("the load is signalled to end", async () => {
    await begun();
    process.kill(await pidOf(live, "load"), "SIGTERM");
    await voided(/^load ended \(exited with status 0\): without it users cannot be judged$/);
  });
});
