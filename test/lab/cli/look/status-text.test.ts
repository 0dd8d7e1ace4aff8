import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import type { AlertView } from "../../../../lab/observe/alert-log.ts";
import { liveText } from "../../../../lab/cli/look/status-text.ts";

const alert = (name: string, severity: "page" | "inform", more: Partial<AlertView> = {}): AlertView => ({
  name,
  severity,
  state: "firing",
  labels: {},
  summary: `what ${name} says`,
  description: "",
  runbook: "",
  value: 1,
  activeAt: 0,
  firedAt: 0,
  resolvedAt: undefined,
  notifiedAt: 0,
  suppressed: undefined,
  acknowledged: undefined,
  ...more,
});

/** The first line of the screen, with these alerts known. */
const headline = (...alerts: readonly AlertView[]): string =>
  stripVTControlCharacters(
    liveText({
      schemaVersion: 1,
      listener: "127.0.0.1:8080",
      drill: undefined,
      users: {
        population: 1,
        requestsPerSecond: 0,
        probeRequestsPerSecond: 0,
        loadRequestsPerSecond: 0,
        requests: 0,
        failedRatio: 0,
        affectedRatio: 0,
        affectedFailedRatio: undefined,
        othersFailedRatio: undefined,
        routes: {},
        failures: {},
      },
      backends: [],
      pools: [],
      units: [],
      alerts,
    }),
  ).split("\n")[0] ?? "";

describe("the first line of the status", () => {
  it("is quiet when no page has been notified", () => {
    expect(headline()).toContain("pager quiet");
    expect(headline(alert("SlowRequests", "page", { state: "pending", notifiedAt: undefined }))).toContain(
      "pager quiet",
    );
    expect(headline(alert("SlowRequests", "page", { state: "resolved", resolvedAt: 1 }))).toContain(
      "pager quiet",
    );
  });

  it("pages with what pages, and shows what informs beside it, not as a page", () => {
    const line = headline(alert("ConfigChanged", "inform"), alert("HighFailureRatio", "page"));
    expect(line).toContain("PAGED: HighFailureRatio: what HighFailureRatio says;");
    expect(line.indexOf("ConfigChanged")).toBeGreaterThan(line.indexOf("HighFailureRatio"));
    expect(headline(alert("ConfigChanged", "inform"))).toMatch(/pager quiet; ConfigChanged/);
  });

  it("does not page with the figure of what is over: it is resolving, and since when", () => {
    const line = headline(
      alert("HighFailureRatio", "page", { resolving: { since: Date.UTC(2026, 0, 1, 3, 4, 5) } }),
    );
    expect(line).not.toContain("PAGED");
    expect(line).toContain("HighFailureRatio is resolving since 03:04:05");
  });

  it("leaves out causes that a page keeps back", () => {
    const line = headline(
      alert("HighFailureRatio", "page"),
      alert("ConfigChanged", "inform", { suppressed: "inhibited" }),
    );
    expect(line).not.toContain("ConfigChanged");
  });
});
