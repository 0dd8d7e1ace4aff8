import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { JournalLine } from "../../lab/drill/events.ts";
import { journalPath } from "../../lab/drill/journal.ts";
import { readJournal } from "../../lab/drill/read-journal.ts";
import type { Result } from "../../lab/drill/result.ts";
import { spawnLblab, type RunningCommand } from "../support/command.ts";
import {
  childrenOf,
  dockerEnvironment,
  hasDocker,
  incidentsToTry,
  labContainers,
  labNetworks,
  runningUnits,
  unitContainers,
} from "../support/docker.ts";
import { freeBase } from "../support/live-lab.ts";
import { until } from "../support/until.ts";

const there = await hasDocker();

let home: string;
let base: number;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "lblab-docker-"));
  base = await freeBase();
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const lblab = (args: readonly string[], environment: NodeJS.ProcessEnv = dockerEnvironment()) =>
  spawnLblab(["--dir", home, "--port-base", String(base), ...args], environment);

/** By containers' names that Compose made, of either version, or that look so. */
const COMPOSE_NAME = /^\/lblab-\d+-[a-z0-9_-]{8}[-_][a-z0-9-]+[-_]1$/;

describe.skipIf(!there)("a lab in containers", () => {
  it.each(incidentsToTry())(
    "has the incident %s in its bands, pages by rule, is solved by the responder, and leaves nothing behind",
    async (alias) => {
      const drill = lblab(["start", alias, "--auto", "--world", "docker", "--json"]);
      const names = new Set<string>();
      await until(
        async () => {
          for (const name of await labContainers()) names.add(name);
          return drill.ended;
        },
        "the drill to end",
        380_000,
      );
      const { code, out, err } = await drill.end();
      expect(code, err + out).toBe(0);
      const { incidents } = JSON.parse(out) as { incidents: readonly Result[] };
      expect(incidents[0], err).toMatchObject({
        alias,
        inBand: true,
        check: "OK",
        durable: true,
        diagnosis: { correct: true },
        alerts: { falsePages: [] },
      });
      expect(incidents[0]?.alerts.secondsFromFirstFailure).not.toBeNull();
      expect([...names].filter((name) => !COMPOSE_NAME.test(name))).toEqual([]);
      expect(await labContainers()).toEqual([]);
      expect(await labNetworks()).toEqual([]);
    },
  );

  /** A container that could be taken for the lab's by its name; removed when the test is over. */
  async function foreignProgram(): Promise<Docker.Container> {
    const container = await new Docker().createContainer({
      Image: process.env["LAB_IMAGE"] ?? "outage-lab",
      name: `lblab-${base}-stranger_web-1_1`,
      Cmd: ["-e", "setInterval(() => {}, 1e9)"],
    });
    onTestFinished(() => container.remove({ force: true }));
    await container.start();
    return container;
  }

  async function labThatIsUp(): Promise<RunningCommand> {
    const lab = lblab(["up", "--foreground", "--world", "docker"]);
    await until(
      () => {
        if (lab.ended) throw new Error(`the lab ended: ${lab.err}`);
        return lab.err.includes("the lab is up");
      },
      "the lab to be up",
      120_000,
    );
    expect((await labContainers()).length).toBeGreaterThan(8);
    return lab;
  }

  it.each([
    ["is killed", (lab: RunningCommand) => lab.signal("SIGKILL")],
    [
      "is interrupted twice",
      (lab: RunningCommand) => {
        // Two of the same kind might arrive as one.
        lab.signal("SIGINT");
        lab.signal("SIGTERM");
      },
    ],
  ] as const)("whose supervisor %s says so, and leaves nothing behind", async (_, end) => {
    const other = await foreignProgram();
    const lab = await labThatIsUp();
    end(lab);
    // Its janitor writes to the same standard error, which is open until that has ended, too.
    const { err } = await lab.end(60_000);
    expect(err).toContain("removing them");
    expect(await labContainers()).toEqual([]);
    expect(await labNetworks()).toEqual([]);
    expect((await other.inspect()).State.Running).toBe(true);
  });

  it("that is killed while its containers are made leaves none of them", async () => {
    const lab = lblab(["up", "--foreground", "--world", "docker"]);
    await until(async () => (await labContainers()).length > 1, "the first containers", 60_000);
    lab.signal("SIGKILL");
    await lab.end(60_000);
    expect(await labContainers()).toEqual([]);
    expect(await labNetworks()).toEqual([]);
  });

  /** With its janitor: no process is left that could remove its containers. */
  async function labThatIsKilledWhole(): Promise<void> {
    const lab = await labThatIsUp();
    for (const pid of childrenOf(lab.pid)) process.kill(pid, "SIGKILL");
    lab.signal("SIGKILL");
    await lab.end();
    expect((await labContainers()).length).toBeGreaterThan(8);
  }

  it("that was killed with its janitor ends its load by itself, and is cleared away by `down`, which touches nothing else", async () => {
    const other = await foreignProgram();
    await labThatIsKilledWhole();
    await until(
      async () => (await runningUnits("load", "web-1", "probe")) === 0,
      "their lease to end",
      90_000,
    );
    expect(await lblab(["down"]).end(60_000)).toMatchObject({ code: 0 });
    expect(await labContainers()).toEqual([]);
    expect(await labNetworks()).toEqual([]);
    expect((await other.inspect()).State.Running).toBe(true);
    const { code, err } = await lblab(["down"]).end();
    expect({ code, err }).toMatchObject({ code: 3, err: expect.stringContaining("no lab runs") as string });
  });

  it("that was killed with its janitor is cleared away by the next one, which touches nothing else", async () => {
    const other = await foreignProgram();
    await labThatIsKilledWhole();
    const next = await labThatIsUp();
    expect(next.err).toContain("left by an earlier lab");
    next.signal("SIGINT");
    expect((await next.end(60_000)).code).toBe(130);
    expect(await labContainers()).toEqual([]);
    expect(await labNetworks()).toEqual([]);
    expect((await other.inspect()).State.Running).toBe(true);
  });

  it("out of which a container is removed says which, voids the drill, and leaves nothing behind", async () => {
    const drill = lblab(["start", "lantern", "--world", "docker"]);
    await until(() => drill.err.includes("steady") || drill.out.includes("steady"), "steady state", 180_000);
    for (const container of await unitContainers("web-2")) await container.remove({ force: true });
    const { code, err } = await drill.end(60_000);
    expect(code, err).toBe(5);
    expect(err).toContain("somebody removed the container of web-2");
    expect(await labContainers()).toEqual([]);
    expect(await labNetworks()).toEqual([]);
  });

  it("whose machine somebody restarts says so, and brings its balancer back", async () => {
    const lab = await labThatIsUp();
    for (const container of await unitContainers("host")) await container.restart({ t: 0 });
    await until(() => lab.err.includes("was started again"), "the lab to notice", 30_000);
    const answers = () =>
      fetch(`http://127.0.0.1:${base}/`, { signal: AbortSignal.timeout(2000) }).then(
        ({ status }) => status === 200,
        () => false,
      );
    await until(answers, "the balancer to answer again", 30_000);
    lab.signal("SIGINT");
    await lab.end(60_000);
    expect(await labContainers()).toEqual([]);
  });

  it("that is ended while its containers are made leaves none of them", async () => {
    const lab = lblab(["up", "--foreground", "--world", "docker"]);
    await until(async () => (await labContainers()).length > 0, "the first container", 60_000);
    lab.signal("SIGINT");
    expect((await lab.end(60_000)).code).toBe(130);
    expect(await labContainers()).toEqual([]);
    expect(await labNetworks()).toEqual([]);
  });

  it("goes up and down in the background", async () => {
    const { code, err } = await lblab(["up", "--world", "docker"]).end(120_000);
    expect(code, err).toBe(0);
    expect(await lblab(["down"]).end(60_000)).toMatchObject({ code: 0 });
    expect(await labContainers()).toEqual([]);
  });

  /** The lines of the only drill's journal. */
  function journal(): readonly JournalLine[] {
    const [id] = existsSync(join(home, "drills")) ? readdirSync(join(home, "drills")) : [];
    return id === undefined ? [] : readJournal(journalPath(home, id));
  }

  it("whose prober is paused voids its drill at once", async () => {
    const drill = lblab(["start", "lantern", "--world", "docker"]);
    await until(() => drill.err.includes("steady") || drill.out.includes("steady"), "steady state", 180_000);
    for (const container of await unitContainers("probe")) await container.pause();
    const { code, err } = await drill.end(60_000);
    expect(code, err).toBe(5);
    expect(err).toContain("the container of probe was paused: without it users cannot be judged");
    expect(await labContainers()).toEqual([]);
  });

  it("has what others do to its containers as steps, and names a container of theirs in its network", async () => {
    const drill = lblab(["start", "lantern", "--world", "docker"]);
    const inTheWay = await foreignProgram();
    await until(() => journal().some(({ event }) => event === "changed"), "the change", 240_000);
    const [network = ""] = await labNetworks();
    const joined = new Docker().getNetwork(network);
    await joined.connect({ Container: inTheWay.id });
    const [web] = await unitContainers("web-2");
    await web?.kill({ signal: "SIGTERM" });
    const steps = (): readonly string[] =>
      journal().flatMap((line) => (line.event === "noticed" ? [line.action] : []));
    await until(() => steps().includes("kill -TERM web-2"), "the signal to be noticed", 30_000);
    const [paused] = await unitContainers("web-1");
    await paused?.pause();
    await paused?.unpause();
    await until(() => steps().includes("docker unpause web-1"), "the pause to be noticed", 30_000);
    const { code, out } = await lblab(["check"]).end(90_000);
    expect(code, out).toBe(4);
    expect(out).toContain(`lblab-${base}-stranger_web-1_1, none of this lab's, is in its network`);
    expect(steps()).toEqual(expect.arrayContaining(["docker pause web-1"]));
    drill.signal("SIGINT");
    // A network that somebody is in cannot be removed.
    await joined.disconnect({ Container: inTheWay.id, Force: true });
    await drill.end(60_000);
    expect(await labContainers()).toEqual([]);
  });

  it("that is not monitored any more voids its drill and says why, and leaves nothing behind", async () => {
    const drill = lblab(["start", "lantern", "--world", "docker"]);
    await until(() => drill.err.includes("steady") || drill.out.includes("steady"), "steady state", 180_000);
    for (const container of await unitContainers("prometheus")) await container.kill();
    const { code, err } = await drill.end(120_000);
    expect(code, err).toBe(5);
    expect(err).toContain("prometheus ended: without it nobody is paged");
    expect(await labContainers()).toEqual([]);
  });
});

describe("without an engine of this machine", () => {
  it("says what to do, and starts nothing", async () => {
    const { code, err } = await lblab(["start", "lantern", "--world", "docker"], {
      DOCKER_HOST: `unix://${join(home, "no.sock")}`,
    }).end();
    expect(code).toBe(3);
    expect(err).toContain("no Docker engine runs here");
    expect(err).toContain("--world docker");
  });

  it("refuses another machine's unless allowed", async () => {
    const { code, err } = await lblab(["up", "--foreground", "--world", "docker"], {
      DOCKER_HOST: "tcp://203.0.113.7:2375",
    }).end();
    expect(code).toBe(3);
    expect(err).toContain("LBLAB_DOCKER_REMOTE=1");
  });
});
