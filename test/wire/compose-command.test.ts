import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { findCompose } from "../../lab/world/docker/compose-command.ts";
import { until } from "../support/until.ts";

let bin: string;
beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), "lblab-bin-"));
});
afterEach(() => rmSync(bin, { recursive: true, force: true }));

/** A program of that name that records its arguments, and then does `body`. */
function program(name: string, body: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >>"${bin}/calls"\n${body}\n`);
  chmodSync(join(bin, name), 0o755);
}

const calls = (): string[] => readFileSync(join(bin, "calls"), "utf8").trim().split("\n");
const found = () =>
  findCompose({
    file: "/run/compose.yml",
    project: "lblab-1",
    environment: { PATH: `${bin}:/bin:/usr/bin` },
  });

/** Where neither `docker` nor docker-compose of this machine is. */
const foundAlone = () =>
  findCompose({ file: "/run/compose.yml", project: "lblab-1", environment: { PATH: bin } });

it("version 2 is taken where it works, with file and project of this lab", async () => {
  program("docker", "exit 0");
  program("docker-compose", "exit 0");
  await (await found()).run(["up", "--no-start"]);
  expect(calls().at(-1)).toBe("docker compose -f /run/compose.yml -p lblab-1 up --no-start");
});

it("version 1 is taken where `docker` has no Compose in it", async () => {
  program("docker", "exit 1");
  program("docker-compose", "exit 0");
  await (await found()).run(["down"]);
  expect(calls().at(-1)).toBe("docker-compose -f /run/compose.yml -p lblab-1 down");
});

it("without either the error says what to do", async () => {
  await expect(foundAlone()).rejects.toMatchObject({
    code: "ENVIRONMENT",
    hint: expect.stringContaining("install Compose") as string,
  });
});

it("every line is passed on while it runs, and its last lines are the failure's", async () => {
  program("docker", 'case "$*" in *up*) echo "making web-1"; echo "no space left" >&2; exit 1;; esac');
  const lines: string[] = [];
  await expect((await found()).run(["up"], { line: (text) => lines.push(text) })).rejects.toMatchObject({
    code: "ENVIRONMENT",
    message: expect.stringContaining("no space left") as string,
  });
  expect(lines.sort()).toEqual(["making web-1", "no space left"]);
});

it("the abort rejects only when it has ended: it makes nothing any more", async () => {
  program(
    "docker",
    `case "$*" in *up*) trap 'sleep 0.3; touch "${bin}/tidied"; exit 1' TERM; echo begun; while :; do sleep 0.05; done;; esac`,
  );
  const stop = new AbortController();
  const lines: string[] = [];
  const running = (await found()).run(["up"], { line: (text) => lines.push(text), signal: stop.signal });
  await until(() => lines.includes("begun"), "it to run");
  stop.abort(new Error("enough"));
  await expect(running).rejects.toThrow("enough");
  expect(existsSync(join(bin, "tidied"))).toBe(true);
});

it("what has been ended before is not begun", async () => {
  program("docker", "exit 0");
  const compose = await found();
  await expect(compose.run(["up"], { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow(
    "enough",
  );
  expect(calls().filter((line) => line.includes("up"))).toEqual([]);
});
