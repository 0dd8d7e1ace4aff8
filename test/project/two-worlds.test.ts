import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { reachedFrom, ROOT, within } from "./imports.ts";

const withinAny = (file: string, places: readonly string[]): boolean =>
  places.some((place) => within(file, place));

/** The parts that stand for something that happens in both worlds. */
const PARTS = ["lb", "backends", "lab/probe", "lab/load"];

const LIVE = reachedFrom(["lb/main.ts", "backends/main.ts", "lab/probe/main.ts", "lab/load/main.ts"]);
const SIMULATED = reachedFrom(["lab/simulate/simulate-drill.ts"]);

/** Sockets, files, threads and processes: all that a simulated world has its own of. */
const EDGES = [
  "lb/main.ts",
  "lb/process.ts",
  "lb/listener/accept-requests.ts",
  "lb/listener/listener.ts",
  "lb/listener/listener-set.ts",
  "lb/listener/listener-server.ts",
  "lb/listener/client-connection.ts",
  "lb/listener/connection-places.ts",
  "lb/listener/refusal/refuse-client.ts",
  "lb/listener/close-listener.ts",
  "lb/listener/accept-queue.ts",
  "lb/listener/slow-clients.ts",
  "lb/listener/slow-body.ts",
  "lb/listener/tls/tls-identity.ts",
  "lb/listener/tls/certificate.ts",
  "lb/config/probe-checks.ts",
  "lb/listener/exchange/live-exchange.ts",
  "lb/listener/exchange/answer-writer.ts",
  "lb/listener/exchange/upgrade-exchange.ts",
  "lb/listener/exchange/upgrade-request.ts",
  "lb/listener/refusal/parser-error.ts",
  "lb/listener/exchange/request-head.ts",
  "lb/listener/refusal/rejection.ts",
  "lb/telemetry/access-log.ts",
  "lb/admin/admin.ts",
  "lb/admin/admin-errors.ts",
  "lb/admin/stats-page.ts",
  "lb/admin/stats-rows.ts",
  "lb/transport",
  "lb/config/medium.ts",
  "lb/config/parse-aside.ts",
  "lb/config/history.ts",
  "lb/admin/if-match.ts",
  "lb/config/durable-file.ts",
  "backends/main.ts",
  "backends/backend.ts",
  "backends/http-server.ts",
  "backends/http-dial.ts",
  "lab/probe/main.ts",
  "lab/probe/serve-metrics.ts",
  "lab/probe/socket.ts",
  "lab/load/main.ts",
  "lab/load/connection.ts",
];

describe("one piece of code in two worlds", () => {
  it("is all of the balancer, the backends, the users and the load, but for their edges", () => {
    const liveOnly = [...LIVE].filter((file) => withinAny(file, PARTS) && !SIMULATED.has(file));
    expect(liveOnly.filter((file) => !withinAny(file, EDGES))).toEqual([]);
  });

  it.each([
    "lb/create-balancer.ts",
    "lb/request/forward.ts",
    "lb/pool/pool.ts",
    "lb/policies/index.ts",
    "lb/telemetry/metrics-observer.ts",
    "lb/config/store.ts",
    "lb/config/config-control.ts",
    "lb/assemble.ts",
    "lb/listener/served-addresses.ts",
    "backends/capacity.ts",
    "backends/crash-rule.ts",
    "backends/sessions.ts",
    "backends/service.ts",
    "backends/roles/web.ts",
    "lab/probe/population.ts",
    "lab/probe/login.ts",
    "lab/probe/classify.ts",
    "lab/load/lane.ts",
  ])("includes %s", (file) => {
    expect(existsSync(join(ROOT, file))).toBe(true);
    expect([LIVE.has(file), SIMULATED.has(file)]).toEqual([true, true]);
  });

  it.each(["lab/world/unit.ts", "lab/world/machine.ts", "lab/world/boot.ts", "lab/world/machine-world.ts"])(
    "includes the machine's %s",
    (file) => {
      const live = reachedFrom(["lab/world/live/world.ts", "lab/world/live/host.ts"]);
      expect([live.has(file), SIMULATED.has(file)]).toEqual([true, true]);
    },
  );

  it("has no second copy in the simulated world: what is declared elsewhere is declared nowhere there", () => {
    const declared = (file: string): string[] =>
      Array.from(
        readFileSync(join(ROOT, file), "utf8").matchAll(/^export (?:async )?(?:function|const) (\w+)/gm),
        ([, name = ""]) => name,
      );
    const shared = new Set([...SIMULATED].filter((file) => withinAny(file, PARTS)).flatMap(declared));
    const own = readdirSync(join(ROOT, "lab/world/simulated"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .flatMap((file) => declared(join("lab/world/simulated", file)));
    expect(own.filter((name) => shared.has(name))).toEqual([]);
  });
});
