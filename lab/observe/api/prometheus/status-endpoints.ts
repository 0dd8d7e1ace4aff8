import type { FastifyInstance } from "fastify";
import { durationText } from "../../promql/duration-text.ts";
import type { RuleEvaluator } from "../../rules/rule-evaluator.ts";
import type { SampleStore } from "../../samples.ts";
import type { TargetState } from "../../scrape/target.ts";
import { invalid } from "./answer.ts";
import { addEndpoint } from "./parameters.ts";
import { writeYaml } from "../../../../runtime/yaml/write.ts";

export interface StatusEndpointsDeps {
  readonly store: SampleStore;
  readonly rules: Pick<RuleEvaluator, "groups">;
  readonly targets: () => readonly TargetState[];
  readonly intervalMs: number;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly retentionMs: number;
  readonly limits: { readonly lookbackMs: number; readonly timeoutMs: number };
}

/** Endpoints of version and configuration, as of a Prometheus with the same setup. */
export function addStatusEndpoints(server: FastifyInstance, deps: StatusEndpointsDeps): void {
  const { store, startedAt, retentionMs, limits } = deps;
  const started = new Date(startedAt).toISOString();
  const retention = durationText(retentionMs);

  // Grafana reads the version, and uses the features of that version.
  addEndpoint(server, "/api/v1/status/buildinfo", () => ({
    version: "2.42.0",
    revision: "lblab",
    branch: "",
    buildUser: "",
    buildDate: "",
    goVersion: "",
  }));
  addEndpoint(server, "/api/v1/status/config", () => ({ yaml: configText(deps) }));
  addEndpoint(server, "/api/v1/status/flags", () => ({
    "query.lookback-delta": durationText(limits.lookbackMs),
    "query.timeout": durationText(limits.timeoutMs),
    "storage.tsdb.retention.time": retention,
    "web.enable-admin-api": "false",
    "web.enable-lifecycle": "false",
    "web.enable-remote-write-receiver": "false",
  }));
  addEndpoint(server, "/api/v1/status/runtimeinfo", () => ({
    startTime: started,
    CWD: "",
    reloadConfigSuccess: true,
    lastConfigTime: started,
    corruptionCount: 0,
    // Node has no goroutines.
    goroutineCount: 0,
    GOMAXPROCS: 1,
    GOGC: "",
    GODEBUG: "",
    storageRetention: retention,
  }));
  addEndpoint(server, "/api/v1/status/tsdb", (given) => {
    const limit = given.one("limit") ?? "10";
    if (!/^[1-9]\d{0,5}$/.test(limit)) throw invalid("limit", "limit must be a positive number");
    return storeView(store, Number(limit));
  });
}

/** The configuration of a Prometheus that scrapes and evaluates the same. It holds no secret. */
function configText({ targets, rules, intervalMs }: StatusEndpointsDeps): string {
  const interval = durationText(intervalMs);
  const jobs = new Map<string, string[]>();
  for (const { job, instance } of targets()) jobs.set(job, [...(jobs.get(job) ?? []), instance]);
  return writeYaml({
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    rule_files: [...new Set(rules.groups.map(({ group }) => group.file))],
    scrape_configs: Array.from(jobs, ([job, instances]) => ({
      job_name: job,
      static_configs: [{ targets: instances }],
    })),
  });
}

function storeView(store: SampleStore, limit: number) {
  const byName = new Map<string, number>();
  const byPair = new Map<string, number>();
  const values = new Map<string, Set<string>>();
  let [minTime, maxTime] = [Infinity, -Infinity];
  for (const series of store.select([])) {
    const sample = series.last(-Infinity, Infinity);
    if (sample) [minTime, maxTime] = [Math.min(minTime, sample.atMs), Math.max(maxTime, sample.atMs)];
    for (const [name, value] of Object.entries(series.labels)) {
      byPair.set(`${name}=${value}`, (byPair.get(`${name}=${value}`) ?? 0) + 1);
      values.set(name, (values.get(name) ?? new Set()).add(value));
      if (name === "__name__") byName.set(value, (byName.get(value) ?? 0) + 1);
    }
  }
  const most = (counts: Iterable<readonly [string, number]>) =>
    [...counts]
      .sort((a, b) => b[1] - a[1])
      .slice(0, limit)
      .map(([name, value]) => ({ name, value }));
  const sized = (size: (all: ReadonlySet<string>) => number) =>
    most(Array.from(values, ([name, all]) => [name, size(all)] as const));
  const isEmpty = minTime > maxTime;
  return {
    headStats: {
      numSeries: store.stats.series,
      numLabelPairs: byPair.size,
      chunkCount: store.stats.series,
      minTime: isEmpty ? 0 : minTime,
      maxTime: isEmpty ? 0 : maxTime,
    },
    seriesCountByMetricName: most(byName),
    labelValueCountByLabelName: sized((all) => all.size),
    memoryInBytesByLabelName: sized((all) => [...all].reduce((sum, value) => sum + value.length, 0)),
    seriesCountByLabelValuePair: most(byPair),
  };
}
