import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { balancerCommand } from "../../lab/cli/balancer/balancer-command.ts";
import { createReloads } from "../../runtime/unit-process.ts";
import { systemClock } from "../../runtime/clock.ts";
import { until } from "../support/until.ts";

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "balancer-command-"))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const configure = (weight: number) =>
  writeFileSync(
    join(directory, "lb.yaml"),
    `listeners: [{ name: public, bind: "127.0.0.1:0", routes: [{ path: /, pool: web }] }]
pools: { web: { policy: { type: round-robin }, upstreams: [{ name: web-1, address: "127.0.0.1:1", weight: ${weight} }] } }
admin: { bind: "127.0.0.1:0" }
`,
  );

it("does after its start what a signal requested during it", async () => {
  configure(1);
  const stop = new AbortController();
  let reload = (): void => {};
  const ended = balancerCommand(
    { config: join(directory, "lb.yaml"), json: false },
    { clock: systemClock, signal: stop.signal, onReload: (run) => (reload = run) },
  );
  // It has read its file by now, and opens its ports.
  configure(2);
  reload();
  await until(() => existsSync(join(directory, "lb.yaml.history", "000002.json")), "the second version");
  stop.abort();
  expect(await ended).toBe(0);
});

it("does once, and at once, what was requested before there was anything to reload", () => {
  let done = 0;
  const reloads = createReloads();
  reloads.ask();
  reloads.ask();
  reloads.serve(() => void (done += 1));
  expect(done).toBe(1);
  reloads.ask();
  expect(done).toBe(2);
});
