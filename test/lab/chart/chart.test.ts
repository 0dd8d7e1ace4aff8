import { describe, expect, it } from "vitest";
import { drawPastDrill, drawSimulation } from "../../../lab/simulate/drill-chart.ts";
import { groupMarks, marksOf, markWidth, type Mark } from "../../../lab/chart/marks.ts";
import { ratesOf } from "../../../lab/chart/rates.ts";
import { stateOf } from "../../../lab/drill/state.ts";
import { roundUp, ticks } from "../../../lab/chart/scale.ts";
import { element, svgText, textAt } from "../../../lab/chart/svg.ts";
import type { SimulationReport } from "../../../lab/simulate/report.ts";
import type { Simulation } from "../../../lab/simulate/simulate-drill.ts";
import { timelineOf } from "../../../lab/simulate/timeline.ts";
import { unevenWeights } from "../../../scenarios/uneven-weights/scenario.ts";
import { exampleSimulation, journalOf, CHANGED_AT } from "../../support/example-simulation.ts";
import { assertWellFormed } from "../../support/well-formed.ts";

const mark = (number: number, minute: number, lane: Mark["lane"] = "steps"): Mark => ({
  number,
  minute,
  lane,
  event: "action",
  text: "",
});

describe("marks", () => {
  it("number changes, acts and effects on users; alerts have bars instead", () => {
    const marks = marksOf(timelineOf(exampleSimulation()));
    expect(marks.map(({ number, lane }) => [number, lane])).toEqual([
      [1, "changes"],
      [2, "users"],
      [3, "steps"],
      [4, "steps"],
      [5, "steps"],
      [6, "users"],
      [7, "users"],
    ]);
    expect(marks[4]?.text).toBe("action: config rollback 1: version 3");
  });

  it("that would touch are one, and no two that are left touch", () => {
    const given = [1, 1.1, 5, 5.1, 5.2, 5.3, 9, 30].map((minute, i) => mark(i + 1, minute));
    const groups = groupMarks([...given, mark(9, 30.1, "users")], 10);
    expect(groups.map(({ label }) => label)).toEqual(["1-2", "3-6", "7", "8", "9"]);
    groups
      .filter(({ lane }) => lane === "steps")
      .forEach(({ minute, label }, i, all) => {
        const next = all[i + 1];
        if (next) expect(next.minute * 10).toBeGreaterThanOrEqual(minute * 10 + markWidth(label));
      });
  });

  it("of a group leave out what belongs to another lane, and are cut short where that is too long", () => {
    expect(groupMarks([mark(1, 0), mark(2, 0, "users"), mark(3, 0)], 10).map(({ label }) => label)).toEqual([
      "1,3",
      "2",
    ]);
    expect(
      groupMarks([mark(1, 0), mark(3, 0), mark(5, 0), mark(7, 0)], 10).map(({ label }) => label),
    ).toEqual(["1…7"]);
  });
});

describe("rates", () => {
  it("begin with the first request, in requests a second by upstream, in the order of their numbers", () => {
    const { series } = exampleSimulation();
    const { upstreams, fromMinute } = ratesOf(series, CHANGED_AT, CHANGED_AT + 90_000);
    expect(upstreams.map(({ name }) => name)).toEqual(["web-2", "web-10"]);
    expect(upstreams[0]?.line.every(([, perSecond]) => perSecond === 100)).toBe(true);
    expect(fromMinute).toBe(-0.25);
  });

  it("of failures are shares of each route's own requests, so that a route of few requests is seen as well", () => {
    const { series } = exampleSimulation();
    const { routes } = ratesOf(series, CHANGED_AT, CHANGED_AT + 90_000);
    expect(routes.map(({ name }) => name)).toEqual(["login", "page"]);
    const [login, page] = routes;
    expect(page?.line.filter(([minute]) => minute < 0).every(([, share]) => share === 0)).toBe(true);
    expect(page?.line.find(([minute]) => minute > 0.5)?.[1]).toBe(0.3);
    expect(login?.line.filter(([minute]) => minute > 0 && minute < 1).map(([, share]) => share)).toEqual([
      1, 1, 1, 1, 1, 1,
    ]);
  });

  it("of hours are drawn with as many points as can be seen, and lose nothing by it", () => {
    const counts = Array.from({ length: 14_400 }, (_, i) => i % 7);
    const series = {
      fromMs: 0,
      bucketMs: 1000,
      upstreams: { "web-1": counts },
      sent: counts,
      routes: { page: { sent: counts.map(() => 1), failed: [] } },
    };
    const [line] = ratesOf(series, 0, 14_400_000).upstreams;
    expect(line?.line.length).toBeLessThanOrEqual(360);
    const requests = (line?.line ?? []).reduce((sum, [, perSecond]) => sum + perSecond * 40, 0);
    expect(requests / counts.reduce((sum, count) => sum + count, 0)).toBeCloseTo(1, 2);
  });
});

describe("a scale", () => {
  it("has round marks within its bounds, as many as fit", () => {
    expect(ticks(0, 250, 4)).toEqual([0, 100, 200]);
    expect(ticks(-0.25, 2.8, 8)).toEqual([0, 0.5, 1, 1.5, 2, 2.5]);
    expect(ticks(0, 1, 2)).toEqual([0, 0.5, 1]);
    expect(ticks(3, 3, 5)).toEqual([3]);
    for (const [min, max] of [
      [0, 0.003],
      [-7, 240],
      [0, 1e6],
    ] as const) {
      const marks = ticks(min, max, 6);
      expect(marks.length).toBeGreaterThan(2);
      expect(marks.length).toBeLessThan(13);
      for (const mark of marks) expect(mark >= min && mark <= max, `${mark} of ${min} to ${max}`).toBe(true);
    }
  });

  it("rounds its end up to a mark, also of nothing", () => {
    expect([0, 0.7, 7, 214, 1000].map(roundUp)).toEqual([1, 0.8, 8, 250, 1000]);
  });
});

describe("a piece of SVG", () => {
  it("takes any text as text", () => {
    const svg = svgText(
      element("g", { "aria-label": '"a" & <b>' }, textAt(0, 1, "<script>\u0000\uD800&amp;")),
    );
    assertWellFormed(svg);
    expect(svg).toContain("&lt;script&gt;\uFFFD\uFFFD&amp;amp;");
  });
});

describe("the chart", () => {
  const report = {
    responder: "ideal",
    pace: "drill",
    seed: 1,
    failedRequestRatio: 0.3,
    affectedUserRatio: 0.1,
    userMinutesLostPer1000: 12,
  } as const satisfies Partial<SimulationReport>;
  const draw = (): string => {
    const simulation = exampleSimulation();
    const reported = { ...report, timeline: timelineOf(simulation) };
    return drawSimulation(unevenWeights, simulation as Simulation, reported as unknown as SimulationReport);
  };

  it("is one well-formed SVG document that loads nothing from elsewhere", () => {
    const svg = draw();
    assertWellFormed(svg);
    expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg).not.toMatch(/<script|<image|@import|url\((?!#)|href="(?!#)/);
    const elsewhere = [...svg.matchAll(/https?:\/\/[^"\s]+/g)].map(([url]) => new URL(url).host);
    expect(new Set(elsewhere)).toEqual(new Set(["www.w3.org"]));
  });

  it("would not pass for well-formed with a tag, a quote or a character out of place", () => {
    for (const broken of ["<a><b></a></b>", "<a>", "<a b=c/>", "<a>&</a>", "<a>1 < 2</a>", '<a b="<"/>'])
      expect(() => assertWellFormed(broken), broken).toThrow();
    assertWellFormed('<?xml version="1.0"?><a b="1"><!-- < --><c/>1 &lt; 2</a>');
  });

  it("has every upstream, every alert and every mark with its number and its words", () => {
    const texts = [...draw().matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, words]) => words);
    for (const { number, text } of marksOf(timelineOf(exampleSimulation()))) {
      expect(texts.filter((words) => words === String(number)).length).toBeGreaterThanOrEqual(1);
      expect(texts).toContain(text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;"));
    }
    for (const words of ["web-2", "web-10", "HighFailureRatio", "changes", "steps", "users"])
      expect(texts).toContain(words);
    expect(texts).not.toContain("UnitRestarting");
  });

  it("of a drill of the past has its figures, its steps and each route's failures, and no upstreams where none were kept", () => {
    const { journal, state, series } = exampleSimulation();
    const svg = drawPastDrill("lantern", { journal, state, series: { ...series, upstreams: {} } });
    assertWellFormed(svg);
    expect(svg).toContain("action: config rollback 1: version 3");
    expect(svg).toContain("Failed requests of each route, %");
    expect(svg).not.toContain("Traffic by upstream");
    expect(svg).toContain("the change");
  });

  it("of a drill of the past shows a step past the lab as a step", () => {
    const { journal, series } = exampleSimulation();
    const steps = journalOf([
      [0, { event: "changed" }],
      [
        20,
        {
          event: "noticed",
          action: "kill -KILL web-1",
          subject: "web-1",
          ok: true,
          message: "killed",
          ms: 0,
        },
      ],
    ]);
    const lines = [...journal.slice(0, 2), ...steps, ...journal.slice(3)];
    const svg = drawPastDrill("lantern", { journal: lines, state: stateOf(lines), series });
    expect(svg).toContain("outside: kill -KILL web-1");
  });
});
