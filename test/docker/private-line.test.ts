import { randomBytes } from "node:crypto";
import Docker from "dockerode";
import { describe, expect, it, onTestFinished } from "vitest";
import { runLabels } from "../../lab/world/docker/run-mark.ts";
import { createDockerEngine } from "../../lab/world/docker/engine.ts";
import { hasDocker } from "../support/docker.ts";
import { until } from "../support/until.ts";

const there = await hasDocker();

/** Prints the length of its private line and everything that it can see of itself, and ends. */
const PROGRAM = `
  process.stdin.once("data", (line) => {
    console.log("handed " + String(line).trim().length);
    console.log(JSON.stringify([process.env, process.argv, process.execArgv]));
    process.exit();
  });`;

describe.skipIf(!there)("a container's standard input", () => {
  it("passes a line at every start, also one that the lab did not cause, and shows it nowhere", async () => {
    const docker = new Docker();
    const mark = { run: `test-${randomBytes(4).toString("hex")}` };
    const container = await docker.createContainer({
      Image: process.env["LAB_IMAGE"] ?? "outage-lab",
      Cmd: ["-e", PROGRAM],
      Labels: runLabels(mark, "web-1"),
      OpenStdin: true,
    });
    onTestFinished(() => container.remove({ force: true }));
    const engine = createDockerEngine(docker, mark);
    await engine.containers();
    const secrets: string[] = [];
    for (const somebodyElse of [false, false, true]) {
      const secret = randomBytes(16).toString("hex");
      secrets.push(secret);
      const lines: string[] = [];
      const { ended, write } = await engine.follow(container.id, (line) => lines.push(line));
      if (somebodyElse) await container.start();
      await engine.start(container.id);
      write(`${secret}\n`);
      await until(() => lines.length >= 2, "what it says");
      await ended;
      expect(lines[0]).toBe("handed 32");
      expect(await engine.wait(container.id)).toBe(0);
    }
    const seen = [
      JSON.stringify(await container.inspect()),
      (await container.logs({ stdout: true, stderr: true })).toString("utf8"),
    ].join();
    for (const secret of secrets) expect(seen).not.toContain(secret);
  });
});
