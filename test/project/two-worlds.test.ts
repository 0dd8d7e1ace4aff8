import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { reachedFrom, ROOT, sources, within } from "./imports.ts";

const withinAny = (file: string, places: readonly string[]): boolean =>
  places.some((place) => within(file, place));

/** The parts that model something that happens in both worlds. */
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
  "lb/admin/canary-routes.ts",
  "lb/admin/canary-words.ts",
  "lb/admin/admin-errors.ts",
  "lb/admin/stats-page.ts",
  "lb/admin/stats-rows.ts",
  "lb/transport",
  "lb/config/medium.ts",
  "lb/config/parse-aside.ts",
  "lb/config/history.ts",
  "lb/admin/if-match.ts",
  "lb/admin/request-terms.ts",
  "lb/admin/rollout-routes.ts",
  "lb/admin/token-files.ts",
  "lb/config/rollout/line-log.ts",
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

  it.each([
    "lab/observe/run.ts",
    "lab/observe/watching.ts",
    "lab/observe/pager/pager.ts",
    "lab/observe/api/prometheus/queries.ts",
    "lab/observe/api/alertmanager/post-silence.ts",
  ])("includes the monitoring's %s", (file) => {
    const live = reachedFrom(["lab/observe/main.ts"]);
    expect([live.has(file), SIMULATED.has(file)]).toEqual([true, true]);
  });

  it("includes how a responder stands in for a trainee", () => {
    const live = reachedFrom(["lab/cli/drill/start.ts"]);
    const file = "lab/responders/stand-in.ts";
    expect([live.has(file), SIMULATED.has(file)]).toEqual([true, true]);
  });

  it.each([
    "lab/world/unit/unit.ts",
    "lab/world/machine.ts",
    "lab/world/boot.ts",
    "lab/world/machine-world.ts",
    "lab/world/bring-up.ts",
    "lab/world/snapshot.ts",
    "lab/world/actions.ts",
    "lab/world/stage.ts",
    "lab/world/change-log.ts",
    "lab/world/sight.ts",
    "lab/world/monitoring.ts",
    "lab/world/monitoring-client.ts",
    "lab/world/topology.ts",
    "lab/world/timings.ts",
    "lab/world/launch.ts",
  ])("includes the machine's %s, in containers, too", (file) => {
    const live = reachedFrom(["lab/world/live/world.ts", "lab/world/live/host.ts"]);
    const docker = reachedFrom(["lab/world/docker/world.ts"]);
    expect([live.has(file), docker.has(file), SIMULATED.has(file)]).toEqual([true, true, true]);
  });

  it("leaves nothing where all worlds share that only one of them has", () => {
    const mains = (world: string) =>
      sources(`lab/world/${world}`).filter((file) => !file.endsWith("/main.ts"));
    const reached = [
      // Users' requests that a person sends by hand are the control API's.
      [...mains("live"), "lab/control/visitor.ts"],
      mains("docker"),
      mains("simulated"),
    ].map(reachedFrom);
    const lone = sources("lab/world")
      .filter((file) => dirname(file) === "lab/world")
      .filter((file) => reached.filter((one) => one.has(file)).length === 1);
    expect(lone).toEqual([]);
  });

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

/** The worlds' own code, by world: a fact that two of them state belongs into lab/world. */
function saidTwice(factsIn: (text: string) => readonly string[]): string[] {
  const worlds = ["lab/world/live", "lab/world/docker", "lab/world/simulated"].map((world) => ({
    world,
    facts: new Set(sources(world).flatMap((file) => factsIn(codeOf(file)))),
  }));
  const all = new Set(worlds.flatMap(({ facts }) => [...facts]));
  return [...all].filter((fact) => worlds.filter(({ facts }) => facts.has(fact)).length > 1);
}

/** Without imports and comments. */
const codeOf = (file: string): string =>
  readFileSync(join(ROOT, file), "utf8")
    .replaceAll(/^import[^;]*;\n/gm, "")
    .replaceAll(/\/\*\*[\s\S]*?\*\//g, "")
    .replaceAll(/^\s*\/\/.*/gm, "");

/** Lines that begin alike anywhere (a call, a loop) are shorter than this when there are three of them. */
const LINES = 3;
const LONG = 60;

describe("what two worlds know", () => {
  it("is no excerpt of code in each of them", () => {
    const excerpts = (text: string): string[] => {
      const lines = text
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => /\w/.test(line));
      return lines
        .map((_, i) => lines.slice(i, i + LINES).join("\n"))
        .filter((excerpt) => excerpt.length >= LONG);
    };
    expect(saidTwice(excerpts)).toEqual([]);
  });

  it("is no figure with the same name in each of them", () => {
    const figures = (text: string): string[] =>
      Array.from(
        text.matchAll(/^(?:export )?(const [A-Z][A-Z_]+ = [\d_.]+;)/gm),
        ([, figure = ""]) => figure,
      );
    expect(saidTwice(figures)).toEqual([]);
  });

  it("is no sentence in each of them", () => {
    const sentences = (text: string): string[] =>
      Array.from(
        text.matchAll(/"([^"\n]*)"|`([^`]*)`/g),
        ([, plain, filled]) => plain ?? filled ?? "",
      ).filter((sentence) => sentence.length >= 15 && /\w \w/.test(sentence));
    expect(saidTwice(sentences)).toEqual([]);
  });
});
