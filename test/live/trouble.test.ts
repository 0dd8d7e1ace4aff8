import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { portPlan } from "../../lab/world/ports.ts";
import { runRoot } from "../../lab/world/run/run-dir.ts";
import { runPaths } from "../../lab/world/run/run-files.ts";
import { SCENARIOS } from "../../scenarios/index.ts";
import { lblab, processesOf, site, spawnLblab, type RunningCommand, type Site } from "../support/command.ts";
import { until } from "../support/until.ts";
import { httpUpstream } from "../support/upstreams.ts";

/** The real command line in trouble: what it prints, its exit code, and what it leaves behind. */

/** A drill that waits for a trainee, also without a terminal. */
function startDrill(at: Site): RunningCommand {
  const script = join(at.home, "script.yaml");
  writeFileSync(script, "scenario: thistle\nseed: 1\n");
  return at.spawn("drill", "run", script, "--out", join(at.home, "report.json"));
}

/** Nothing of this supervisor is left: no process, no port, nothing that marks the directory as in use. */
async function expectNothingLeft(at: Site, supervisor: number): Promise<void> {
  expect(processesOf(supervisor)).toEqual([]);
  expect(await at.taken()).toEqual([]);
  expect(existsSync(runPaths(runRoot(at.home, at.base)).supervisor)).toBe(false);
}

describe("a port in use", () => {
  it("is reported with its holder and the flag that moves the lab, and nothing is started or harmed", async () => {
    const here = await site();
    const { admin } = portPlan(here.base);
    const holder = createServer((socket) => socket.end("still here"));
    await new Promise<void>((resolve) => holder.listen(admin, "127.0.0.1", resolve));
    onTestFinished(() => void holder.close());

    const lab = here.spawn("up", "--foreground");
    const { code, err } = await lab.end();
    expect(code).toBe(3);
    expect(err).toContain(`port ${admin} is in use by`);
    expect(err).toContain(`pid ${process.pid}`);
    expect(err).toContain("node");
    expect(err).toContain("--port-base");
    expect(processesOf(lab.pid)).toEqual([]);
    expect(await here.taken()).toEqual([admin]);
    expect(holder.listening).toBe(true);
  });
});

describe("the supervisor, killed in the middle of a drill", () => {
  it("leaves no process and a whole journal, and the next start says what it found and works", async () => {
    const here = await site();
    const drill = startDrill(here);
    await here.happened(drill, "paged");
    for (const spoiler of [
      ["scenarios", "--spoilers"],
      ["simulate", "thistle"],
      ["fidelity", "thistle"],
    ]) {
      const { code, out, err } = await here.run(...spoiler);
      expect(code, spoiler.join(" ")).toBe(5);
      expect(out).toBe("");
      expect(err).toContain("a drill is running");
    }
    expect((await here.run("hint")).code).toBe(0);
    const before = processesOf(drill.pid);
    expect(before.length).toBeGreaterThan(8);
    const acknowledged = here.journal();

    drill.signal("SIGKILL");
    await drill.end();
    await until(() => processesOf(drill.pid).length === 0, "its processes to be gone", 5000);
    await until(async () => (await here.taken()).length === 0, "its ports to be free");
    const journal = here.journal();
    expect(journal.slice(0, acknowledged.length)).toEqual(acknowledged);
    expect(journal.map(({ event }) => event)).toContain("hinted");

    const lost = await here.run("status");
    expect(lost.code).toBe(3);
    expect(lost.err).toContain("lblab start");

    const next = await here.up();
    expect(next.err).toContain(`pid ${drill.pid}`);
    expect(next.err).toContain('"thistle"');
    expect(next.err).toContain(`${journal.length} events`);
    expect((await here.run("status")).code).toBe(0);
    next.signal("SIGINT");
    expect((await next.end(3000)).code).toBe(130);
    await expectNothingLeft(here, next.pid);
  });
});

describe("a process of the lab, killed", () => {
  it("is restarted and counted, and the lab goes on", async () => {
    const here = await site();
    const lab = await here.up();
    const before = await here.units();
    const victims = ["balancer", "web-1", "load", "probe"];
    for (const name of victims) process.kill(before[name]?.pid ?? Number.NaN, "SIGKILL");
    await until(async () => {
      const now = await here.units();
      return victims.every((name) => now[name]?.state === "active" && now[name].restarts === 1);
    }, "its unit to have restarted it");
    const after = await here.units();
    for (const [name, unit] of Object.entries(after)) {
      expect(unit.state, name).toBe("active");
      expect(unit.restarts, name).toBe(victims.includes(name) ? 1 : 0);
      if (victims.includes(name)) expect(unit.pid).not.toBe(before[name]?.pid);
    }
    expect(await status(here.base, "/")).toBe(200);
    expect(lab.ended).toBeUndefined();
  });

  it("does not keep a drill from being solved, whose end a Ctrl-C stops, and a second one at once", async () => {
    const here = await site();
    const drill = startDrill(here);
    await here.happened(drill, "paged");
    const units = await here.units();
    for (const name of ["balancer", "web-2"]) process.kill(units[name]?.pid ?? Number.NaN, "SIGKILL");
    await until(async () => (await here.units())["balancer"]?.state === "active", "the balancer to be back");
    expect((await here.run("config", "rollback")).code).toBe(0);
    await until(async () => (await here.run("check")).code === 0, "users to be well", 120_000);
    expect((await here.run("end")).code).toBe(0);
    await here.happened(drill, "ending");
    // A process that ignores SIGTERM would keep the lab for two seconds.
    process.kill((await here.units())["web-3"]?.pid ?? Number.NaN, "SIGSTOP");
    drill.signal("SIGINT");
    await until(() => here.journal().at(-1)?.event === "void", "the first one's effect");
    drill.signal("SIGINT");
    expect((await drill.end(1000)).code).toBe(130);
    await until(() => processesOf(drill.pid).length === 0, "its processes to be gone", 1000);
    expectInterrupted(here);
  });
});

/** The journal has the reason of the end, and nothing is graded. */
function expectInterrupted(here: Site, reason = "interrupted"): void {
  expect(here.journal().at(-1)).toMatchObject({ event: "void", reason });
  const [drill = ""] = readdirSync(join(here.home, "drills"));
  // A drill that had come to its debriefing left what users felt, for its chart, as well.
  const debriefed = here.journal().some(({ event }) => event === "debriefed");
  const left = [...(debriefed ? ["traffic.json"] : []), "journal.ndjson", "result.json"].toSorted();
  expect(
    readdirSync(join(here.home, "drills", drill))
      .filter((name) => name !== "texts")
      .toSorted(),
  ).toEqual(left);
  const reported = join(here.home, "report.json");
  for (const file of [
    join(here.home, "drills", drill, "result.json"),
    ...(existsSync(reported) ? [reported] : []),
  ]) {
    const record = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    expect(record).toMatchObject({ state: "void", stopped: { reason } });
    expect(record["passed"] ?? null).toBeNull();
    expect(record["ended"]).not.toBeNull();
  }
}

describe("Ctrl-C", () => {
  async function interrupt(here: Site, command: RunningCommand): Promise<void> {
    command.signal("SIGINT");
    const { code } = await command.end(3000);
    expect(code).toBe(130);
    await expectNothingLeft(here, command.pid);
  }

  it("ends a start whose processes are just being started, which prints off a terminal that the responder answers", async () => {
    const here = await site();
    const start = here.spawn("start", "lantern");
    await until(() => processesOf(start.pid).length > 0, "the first process");
    expect(start.err).toContain("the responder answers");
    expect(start.err).toContain("bringing the lab up");
    await interrupt(here, start);
    expectInterrupted(here);
  });

  it("ends a lab without a drill that is just being brought up", async () => {
    const here = await site();
    const lab = here.spawn("up", "--foreground");
    await until(() => processesOf(lab.pid).length > 0, "the first process");
    await interrupt(here, lab);
  });

  it("ends a drill in its steady state", async () => {
    const here = await site();
    const start = here.spawn("start", "lantern", "--no-fault");
    await here.happened(start, "steady");
    await interrupt(here, start);
    expectInterrupted(here);
  });

  it("ends a drill during the incident", async () => {
    const here = await site();
    const drill = startDrill(here);
    await here.happened(drill, "impact");
    await interrupt(here, drill);
    expectInterrupted(here);
  });

  it("ends a drill that is putting things back", async () => {
    const here = await site();
    const drill = startDrill(here);
    await here.happened(drill, "impact");
    const stuck = (await here.units())["web-3"]?.pid ?? Number.NaN;
    // Putting back what was changed restarts this unit, and waits for a process that ignores SIGTERM.
    expect((await here.run("unit", "config", "web-3", "capacity.queueLimit=9")).code).toBe(0);
    expect((await here.run("end")).code).toBe(0);
    await here.happened(drill, "debriefed");
    process.kill(stuck, "SIGSTOP");
    await interrupt(here, drill);
    expectInterrupted(here);
  });
});

describe("a terminal that is closed", () => {
  it("ends its drill in good order", async () => {
    const here = await site();
    const start = here.spawn("start", "lantern");
    await until(() => processesOf(start.pid).length > 0, "the first process");
    start.hangUp();
    expect((await start.end(3000)).code).toBe(130);
    expectInterrupted(here);
    await expectNothingLeft(here, start.pid);
  });
});

/** By connecting: trying to bind the port, as `taken` does, could take it from the lab that is about to. */
const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" }, () => resolve(true));
    socket.once("error", () => resolve(false)).once("connect", () => socket.destroy());
  });

describe("lblab down", () => {
  it("ends a drill, which is void, and says so where it was started", async () => {
    const here = await site();
    const drill = startDrill(here);
    await until(() => answers(here.base), "the balancer to listen", 60_000);
    expect((await here.run("down")).code).toBe(0);
    const { code, err, out } = await drill.end();
    expect(code).toBe(5);
    expect(err).toContain("taken down");
    expect(err).not.toContain("a bug");
    expect(out).toBe("");
    expectInterrupted(here, "the lab was taken down by `lblab down`");
    await expectNothingLeft(here, drill.pid);
  });
});

describe("two labs in one directory", () => {
  it("work side by side, are distinguished by --port-base, and go down alone", async () => {
    const one = await site();
    const two = await site({ home: one.home });
    const first = await one.up();
    const second = JSON.parse((await two.run("--json", "up")).out) as { pid: number; listener: string };
    onTestFinished(() => {
      if (processesOf(second.pid).length > 0) process.kill(second.pid, "SIGKILL");
    });
    expect(second.listener).toBe(`127.0.0.1:${two.base}`);

    const both = await lblab("--dir", one.home, "status");
    expect(both.code).toBe(2);
    expect(both.err).toContain("several labs are running");
    for (const text of [String(one.base), String(two.base), "--port-base"]) expect(both.err).toContain(text);
    for (const lab of [one, two]) {
      expect((await lab.run("status")).code).toBe(0);
      expect(await status(lab.base, "/")).toBe(200);
    }

    // In the foreground and in the background: what runs there is never taken for one's own.
    for (const args of [["up", "--foreground"], ["up"]]) {
      const third = one.spawn("--json", ...args);
      const refused = await third.end();
      expect(refused.code).toBe(3);
      expect(refused.err).toContain(`pid ${first.pid}`);
      expect((JSON.parse(refused.out) as { error: { code: string } }).error.code).toBe("LAB_RUNNING");
      expect(processesOf(third.pid)).toEqual([]);
    }
    expect(Object.values(await one.units()).map(({ state, restarts }) => [state, restarts])).toEqual(
      Object.values(await one.units()).map(() => ["active", 0]),
    );

    expect((await two.run("down")).code).toBe(0);
    await expectNothingLeft(two, second.pid);
    expect((await lblab("--dir", one.home, "status")).code).toBe(0);
    expect(await status(one.base, "/")).toBe(200);
    first.signal("SIGINT");
    expect((await first.end(3000)).code).toBe(130);
    await expectNothingLeft(one, first.pid);
  });
});

const root = process.getuid?.() === 0;

describe("a full disk", () => {
  it.skipIf(!root)(
    `makes the drill void with its reason and grades nothing${root ? "" : " (skipped: a small disk of its own needs root)"}`,
    async () => {
      const disk = mkdtempSync(join(tmpdir(), "lblab-disk-"));
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", disk]);
      onTestFinished(() => {
        execFileSync("umount", ["-l", disk]);
        rmSync(disk, { recursive: true });
      });
      const here = await site({ home: disk });
      const drill = startDrill(here);
      await here.happened(drill, "impact");
      expect(() => writeFileSync(join(disk, "filler"), Buffer.alloc(16 * 1024 * 1024))).toThrow("ENOSPC");
      // What is left of the journal's last block is full after a few more lines.
      await until(
        async () => {
          await here.run("unit", "enable", "web-3");
          return drill.ended;
        },
        "the drill to end",
        60_000,
      );
      const { code, err, out } = await drill.end();
      expect(code).toBe(5);
      expect(err).toContain("void");
      expect(err).toContain("ENOSPC");
      expect(out).toBe("");
      expect(JSON.parse(readFileSync(join(disk, "report.json"), "utf8"))).toMatchObject({ passed: null });
      expect(here.journal().map(({ event }) => event)).not.toContain("debriefed");
      await expectNothingLeft(here, drill.pid);
    },
  );
});

describe("usage", () => {
  it("is explained where it was wrong", async () => {
    const here = await site();
    const script = join(here.home, "bad.yaml");
    writeFileSync(script, "scenario: lantern\nseed: 1\npass: { durble: true }\n");
    const wrong: readonly (readonly [readonly string[], number, readonly string[]])[] = [
      [["start", "nosuch"], 2, ['"nosuch"', ...SCENARIOS.map(({ alias }) => alias)]],
      [["start", "lantern", "--seed", "x"], 2, ["seed", '"x"']],
      [["start", "lantern", "--seed", "-1"], 2, ["seed"]],
      [["statsu"], 2, ["unknown command", "Did you mean status"]],
      [["start", "--atuo"], 2, ["unknown option", "Did you mean --auto"]],
      [["unit"], 2, ["Usage: lblab unit"]],
      [["logs"], 2, ["missing required argument"]],
      [["drill", "run", script], 2, [`${script}:3:9: pass.durble: there is no such setting`]],
      [["drill", "run", join(here.home, "none.yaml")], 2, ["none.yaml"]],
      [["balancer", "--config", join(here.home, "none.yaml")], 2, ["none.yaml"]],
      [["load", "--url", "http://example.com/"], 2, ["example.com is not this machine"]],
      [["load", "--rate", "0"], 2, ["--rate"]],
      [["status"], 3, ["no lab", "lblab start"]],
      [["check"], 3, ["no lab", "lblab start"]],
      [["down"], 3, ["no lab"]],
      [["end"], 3, ["no lab"]],
      [["unit", "kill", "web-1"], 3, ["no lab"]],
      [["config", "apply", script], 3, ["no lab"]],
    ];
    for (const [args, code, words] of wrong) {
      const reported = await here.run(...args);
      expect(reported.code, `${args.join(" ")}\n${reported.err}`).toBe(code);
      for (const word of words) expect(reported.err, args.join(" ")).toContain(word);
      expect(reported.err, args.join(" ")).not.toContain("a bug");
      expect(reported.out, args.join(" ")).toBe("");
    }
    for (const base of ["80", "99999", "abc", "8080.5"]) {
      const reported = await lblab("--dir", here.home, "--port-base", base, "up", "--foreground");
      expect(reported.code, reported.err).toBe(2);
      expect(reported.err).toContain("--port-base");
    }
    const byVariable = await spawnLblab(["up"], { LBLAB_PORT_BASE: "x", LBLAB_DIR: here.home }).end();
    expect(byVariable.code).toBe(2);
    expect(byVariable.err).toContain('"x"');
  });

  it("is shown by --help for every command", async () => {
    const seen: string[] = [];
    const open: string[][] = [[]];
    const helper = async (): Promise<void> => {
      for (let path = open.shift(); path; path = open.shift()) {
        const { code, out, err } = await lblab(...path, "--help");
        const name = path.join(" ");
        expect(code, name).toBe(0);
        expect(err, name).toBe("");
        expect(out, name).toContain(`Usage: lblab${name === "" ? "" : ` ${name}`}`);
        seen.push(name);
        const [, commands = ""] = out.split("\nCommands:\n");
        for (const [, below = ""] of commands.matchAll(/^ {2}([a-z]+)/gm))
          if (below !== "help") open.push([...path, below]);
      }
    };
    await Promise.all([helper(), until(() => open.length > 1, "the commands").then(helper)]);
    expect(seen).toContain("unit restart");
    expect(seen).toContain("drill run");
    expect(seen.length).toBeGreaterThan(30);
  });
});

describe("a broken configuration", () => {
  it("is refused with the places of its faults, and the active one stays", async () => {
    const here = await site();
    await here.up();
    const active = (await here.run("config", "show")).out;
    const file = join(here.home, "new.yaml");
    writeFileSync(file, active.replace("round-robin", "rund-robin"));
    const checked = await here.run("config", "check", file);
    expect(checked.code).toBe(2);
    expect(checked.err).toMatch(/new\.yaml:\d+:\d+: /);
    const applied = await here.run("config", "apply", file);
    expect([2, 4]).toContain(applied.code);
    expect(applied.err).toMatch(/:\d+:\d+: /);
    expect((await here.run("config", "show")).out).toBe(active);
    expect(await status(here.base, "/")).toBe(200);

    writeFileSync(file, active.replace("round-robin", "random-two"));
    expect((await here.run("config", "check", file)).code).toBe(0);
    expect((await here.run("config", "apply", file)).code).toBe(0);
    expect((await here.run("config", "diff")).out).toMatch(
      /^--- version 1\n\+\+\+ version 2\n[^]*\n- +type: round-robin\n\+ +type: random-two\n/,
    );
    expect((await here.run("config", "rollback")).code).toBe(0);
    expect((await here.run("unit", "restart", "nobody")).code).toBe(4);
    expect((await here.run("logs", "nobody")).code).toBe(2);
    expect((await here.run("logs", "web-1", "-n", "0")).code).toBe(2);
    expect((await here.run("upstream", "weight", "web-1", "300")).code).toBe(2);
    expect((await here.run("check")).code).toBe(2);
  });
});

describe("the control API", () => {
  it("changes nothing without its token, for pages elsewhere, or by a look, and takes no nonsense", async () => {
    const here = await site();
    await here.up();
    const { control } = portPlan(here.base);
    const token = readFileSync(runPaths(runRoot(here.home, here.base)).token, "utf8").trim();
    const host = `127.0.0.1:${control}`;
    const authorization = `Bearer ${token}`;
    const json = { "content-type": "application/json" };
    const stop = JSON.stringify({ do: "unit stop", unit: "web-1" });
    const ask = (method: string, path: string, headers: Record<string, string>, body?: string) =>
      answer({ port: control, method, path, headers: { host, ...headers }, body });

    expect(await ask("GET", "/v1/status", {})).toBe(200);
    expect(await ask("POST", "/v1/actions", json, stop)).toBe(401);
    expect(await ask("POST", "/v1/actions", { ...json, authorization: "Bearer no" }, stop)).toBe(401);
    expect(await ask("POST", "/v1/down", {})).toBe(401);
    for (const origin of ["http://evil.example", "null", `http://127.0.0.1:${here.base}`])
      expect(await ask("POST", "/v1/actions", { ...json, authorization, origin }, stop)).toBe(403);
    expect(await ask("GET", "/v1/status", { origin: "http://evil.example" })).toBe(403);
    expect(await ask("GET", "/v1/status", { "sec-fetch-site": "cross-site" })).toBe(403);
    expect(await ask("GET", "/v1/status", { host: `evil.example:${control}` })).toBe(403);
    for (const path of ["actions", "check", "diagnose", "hint", "end", "down"])
      expect(await ask("GET", `/v1/${path}`, { authorization })).toBe(404);

    // Announced, not sent: a client that is refused while still sending may be cut off before it reads the answer.
    const huge = { "content-length": String(8 * 1024 * 1024) };
    expect(await ask("POST", "/v1/actions", { ...json, authorization, ...huge })).toBe(413);
    for (const nonsense of ["{", "null", "[]", '"x"', "{}", '{"do":"rm"}', '{"__proto__":{"do":1}}', ""])
      expect(await ask("POST", "/v1/actions", { ...json, authorization }, nonsense), nonsense).toBe(400);
    expect(await ask("POST", "/v1/actions", { "content-type": "text/plain", authorization }, stop)).toBe(400);
    expect(await ask("GET", "/v1/logs/..%2F..%2Ftoken", {})).toBe(404);
    expect(await ask("GET", "/v1/config?version=x", {})).toBe(400);

    const units = await here.units();
    expect(Object.values(units).every(({ state, restarts }) => state === "active" && restarts === 0)).toBe(
      true,
    );
    expect(await ask("POST", "/v1/actions", { ...json, authorization }, stop)).toBe(200);
    expect((await here.units())["web-1"]?.state).toBe("inactive");
  });
});

describe("the balancer alone", () => {
  it("serves, reloads on SIGHUP, carries load, and ends with 0 on SIGTERM", async () => {
    const { home } = await site();
    const [one, two] = await Promise.all(
      ["one", "two"].map((name) => httpUpstream((_request, response) => response.end(name))),
    );
    if (!one || !two) throw new Error("there are no upstreams");
    onTestFinished(async () => void (await Promise.all([one.close(), two.close()])));
    const file = join(home, "balancer.yaml");
    const configure = (text: string) => writeFileSync(file, text);
    const to = (port: number): string => `listeners:
  - { name: public, bind: "127.0.0.1:0", routes: [{ path: /, pool: web }] }
pools:
  web: { policy: { type: round-robin }, upstreams: [{ name: web-1, address: "127.0.0.1:${port}" }] }
admin: { bind: "127.0.0.1:0" }
accessLog: { path: ${join(home, "access.log")} }
`;
    configure(to(one.port));
    const balancer = spawnLblab(["--json", "balancer", "--config", file]);
    const { ports } = await until(() => {
      if (balancer.ended) throw new Error(balancer.err);
      return balancer.out.endsWith("}\n") && (JSON.parse(balancer.out) as { ports: { public: number } });
    }, "the balancer to serve");
    const url = `http://127.0.0.1:${ports.public}/`;
    const text = async (): Promise<string> => (await fetch(url)).text();
    expect(await text()).toBe("one");

    configure(to(two.port));
    balancer.signal("SIGHUP");
    await until(async () => (await text()) === "two", "the reload");
    configure("listeners: 7\n");
    balancer.signal("SIGHUP");
    await until(() => /balancer\.yaml:\d+:\d+/.test(balancer.out + balancer.err), "the faults to be printed");
    expect(await text()).toBe("two");

    const load = await lblab("--json", "load", "--url", url, "--rate", "50", "--duration", "2");
    expect(load.code, load.err).toBe(0);
    const result = JSON.parse(load.out) as { answered: number; statuses: Record<string, number> };
    expect(result.answered).toBeGreaterThan(50);
    expect(Object.keys(result.statuses)).toEqual(["200"]);

    balancer.signal("SIGTERM");
    expect((await balancer.end()).code).toBe(0);
  });
});

interface RequestInput {
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
}

/** The status of an answer; the request may still be on its way when it comes. */
function answer({ body, ...input }: RequestInput): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: "127.0.0.1", agent: false, ...input }, (incoming) => {
      incoming.resume();
      incoming.on("error", () => {});
      resolve(incoming.statusCode ?? 0);
      // What was announced and not sent is not waited for any longer.
      if (!outgoing.writableEnded) outgoing.destroy();
    });
    outgoing.on("error", reject);
    if (body === undefined && "content-length" in input.headers) outgoing.flushHeaders();
    else outgoing.end(body);
  });
}

const status = (port: number, path: string): Promise<number> =>
  answer({ port, method: "GET", path, headers: { host: `127.0.0.1:${port}` }, body: undefined });
