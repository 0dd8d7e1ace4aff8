import { beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "../../../lab/trainee/actor.ts";
import type { Trainee } from "../../../lab/trainee/trainee.ts";
import { createLocalTrainee } from "../../../lab/trainee/local-trainee.ts";
import { unevenWeights } from "../../../scenarios/uneven-weights/scenario.ts";
import { createDrillBench, REPAIR, type DrillBench } from "../../support/fake-drill.ts";
import { simulated } from "../../support/simulations.ts";

const TERMS = {
  brief: "Somebody pushed something.",
  briefing: "You are alone tonight.",
  answer: "It was the weights.",
  pass: { durable: true, diagnosis: true, maxHints: 1 },
};

interface Bench extends DrillBench {
  readonly trainee: Trainee;
}

function bench(terms?: typeof TERMS, actor: Actor = "trainee"): Bench {
  const made = createDrillBench({ actor: "responder:ideal" });
  const trainee = createLocalTrainee(
    {
      listener: "127.0.0.1:8080",
      world: () => made.world,
      drill: () => made.drill,
      terms: () => terms,
      users: () => undefined,
      visit: async () => ({ status: 200, server: "lb", flag: undefined, error: undefined }),
      looked: (subject) => made.drill.looked(subject),
    },
    { actor },
  );
  return { ...made, trainee };
}

describe("the drill, as its trainee may know it", () => {
  it("has the brief, the bar, what a hint costs, and what a diagnosis can name", async () => {
    const { trainee, runUntil } = bench(TERMS);
    await runUntil("paged");
    expect(await trainee.drill()).toMatchObject({
      drill: { alias: unevenWeights.alias, phase: "open", hintsTaken: 0 },
      brief: TERMS.brief,
      briefing: TERMS.briefing,
      hints: { taken: [], left: unevenWeights.hints.length, allowed: 1 },
      pass: TERMS.pass,
      diagnosis: null,
      components: expect.arrayContaining(["web", "balancer"]) as unknown,
    });
    const { hint } = await trainee.hint();
    await trainee.diagnose({ component: "web", mechanism: "traffic-skewed", scope: "some-requests" });
    expect(await trainee.drill()).toMatchObject({
      hints: { taken: [hint], left: unevenWeights.hints.length - 1 },
      diagnosis: { component: "web" },
    });
  });

  it("names a hint's price only where one is set", async () => {
    const { trainee, runUntil } = bench();
    await runUntil("paged");
    expect(await trainee.drill()).toMatchObject({ brief: null, hints: { allowed: null }, pass: null });
  });

  it("reveals nothing of the incident, and no hint that was not taken", async () => {
    const { trainee, runUntil } = bench(TERMS);
    await runUntil("paged");
    const text = JSON.stringify(await trainee.drill());
    for (const word of [unevenWeights.id, unevenWeights.title, TERMS.answer, ...unevenWeights.hints])
      expect(text).not.toContain(word);
  });
});

describe("a debrief", () => {
  it("is refused until the drill has been debriefed, and then says what it was", async () => {
    const { trainee, runUntil, until } = bench(TERMS);
    await runUntil("paged");
    await expect(trainee.debrief()).rejects.toMatchObject({ code: "USAGE" });
    await trainee.act(REPAIR);
    await until("users");
    await trainee.end();
    await until("ending");
    await expect(trainee.debrief()).rejects.toMatchObject({ code: "USAGE" });
    await until("debriefed");
    expect(await trainee.debrief()).toMatchObject({
      result: { scenario: unevenWeights.id },
      incident: {
        title: unevenWeights.title,
        report: { number: unevenWeights.report.number },
        answer: TERMS.answer,
      },
    });
  });
});

describe("an act", () => {
  it.each([
    ["trainee", "responder:ideal"],
    ["measure:canary", "measure:canary"],
    ["instructor", "instructor"],
  ] as const)("through the interface of %s is noted as done by %s", async (actor, by) => {
    const { trainee, runUntil, journal } = bench(undefined, actor);
    await runUntil("paged");
    await trainee.act({ do: "unit restart", unit: "web-2" });
    await trainee.acknowledge();
    expect(journal.lines.filter(({ event }) => event === "acted" || event === "acknowledged")).toMatchObject([
      { by },
      { by },
    ]);
  });
});

describe("an operation", () => {
  it("refuses what means nothing, in every world in the same words", async () => {
    const { trainee, runUntil } = bench();
    await runUntil("paged");
    await expect(trainee.logs({ unit: "web-1", lines: 0 })).rejects.toMatchObject({
      code: "USAGE",
      message: expect.stringContaining("lines") as unknown,
    });
    await expect(trainee.visit({ path: "http://elsewhere/" })).rejects.toMatchObject({ code: "USAGE" });
    await expect(trainee.visit({ path: "/", cookie: "a\r\nb: c" })).rejects.toMatchObject({ code: "USAGE" });
  });

  it("that looks is noted, and one in the background is not", async () => {
    const { trainee, runUntil, journal } = bench();
    await runUntil("paged");
    await trainee.changes({}, { background: true });
    await trainee.changes();
    expect(journal.lines.flatMap((line) => (line.event === "looked" ? [line.subject] : []))).toEqual([
      "changes",
    ]);
  });

  it("explains a word, and says which is nearest where there is none", async () => {
    const { trainee } = bench();
    expect(await trainee.explain({ word: "urx" })).toMatchObject([{ word: "URX" }]);
    await expect(trainee.explain({ word: "drian" })).rejects.toMatchObject({
      code: "NOT_FOUND",
      hint: expect.stringMatching(/did you mean drain/i) as unknown,
    });
  });
});

describe("in a whole world, a trainee", () => {
  const seen: Record<string, unknown> = {};
  const refusals: Record<string, unknown> = {};

  beforeAll(async () => {
    await simulated(unevenWeights, {
      fault: false,
      async responder(trainee) {
        const { version, yaml } = await trainee.config();
        seen["as it is"] = await trainee.checkConfig({ yaml, file: "mine.yaml" });
        seen["typo"] = await trainee.checkConfig({
          yaml: yaml.replace("pools:", "poools:"),
          file: "mine.yaml",
        });
        seen["history"] = (await trainee.configHistory()).length;
        const skewed = yaml.replace("weight: 1\n", "weight: 35\n");
        seen["skewed"] = await trainee.checkConfig({ yaml: skewed });
        seen["history after"] = (await trainee.configHistory()).length;
        refusals["stale"] = await trainee.act({ do: "config apply", yaml: skewed, over: version - 1 });
        seen["applied"] = await trainee.act({ do: "config apply", yaml: skewed, over: version });
        seen["diff"] = await trainee.configDiff();
        seen["pools"] = await trainee.pools();
        seen["visit"] = await trainee.visit({ path: "/" });
        seen["posted"] = await trainee.visit({ path: "/login", method: "POST", body: "{}" });
        const matchers = [{ name: "alertname", value: "UpstreamDown", isRegex: false, isEqual: true }];
        await trainee.silence({ matchers, seconds: 60 });
        const [made] = await trainee.silences();
        seen["silence"] = made;
        seen["expired"] = await trainee.expireSilence({ id: made?.id ?? "" });
        await trainee.act({ do: "unit stop", unit: "balancer" });
        seen["written"] = await trainee.act({ do: "config apply", yaml });
        seen["written back"] = await trainee.act({ do: "config apply", yaml: skewed });
        return false;
      },
    });
  });

  it("has a text checked without applying it, with codes and places", () => {
    expect(seen["as it is"]).toMatchObject({ ok: true });
    expect(seen["typo"]).toMatchObject({
      ok: false,
      findings: expect.arrayContaining([
        expect.objectContaining({
          file: "mine.yaml",
          line: expect.any(Number) as unknown,
          column: 1,
          code: "CONFIG_INVALID",
          severity: "error",
        }),
      ]) as unknown,
    });
    expect(seen["skewed"]).toMatchObject({
      findings: expect.arrayContaining([expect.objectContaining({ code: "UNEVEN_WEIGHTS" })]) as unknown,
    });
    expect(seen["history after"]).toBe(seen["history"]);
  });

  it("has the same findings by a check, by applying, and while the balancer is down", () => {
    const findingsIn = (what: string) =>
      (seen[what] as { readonly findings?: readonly { readonly code: string }[] }).findings?.map(
        ({ code }) => code,
      );
    expect(findingsIn("applied")).toEqual(findingsIn("skewed"));
    expect(findingsIn("written back")).toEqual(findingsIn("skewed"));
  });

  it("does not apply a text over a version that it was not made out of", () => {
    expect(refusals["stale"]).toMatchObject({ ok: false, code: "CONFIG_CONFLICT" });
    expect(seen["applied"]).toMatchObject({ ok: true });
  });

  it("sees what differs between the last two versions", () => {
    expect(seen["diff"]).toMatchObject({
      same: false,
      patch: expect.stringContaining("+        weight: 35") as unknown,
    });
  });

  it("sees pools with their rates, and what a user gets", () => {
    expect(seen["pools"]).toMatchObject([
      {
        pool: "web",
        upstreams: [{ upstream: "web-1", requestsPerSecond: expect.any(Number) as unknown }, {}, {}, {}, {}],
      },
    ]);
    expect(seen["visit"]).toMatchObject({
      status: 200,
      headers: expect.arrayContaining([["content-type", expect.any(String)]]) as unknown,
      body: expect.any(String) as unknown,
    });
    expect(seen["posted"]).toMatchObject({ status: expect.any(Number) as unknown });
  });

  it("silences in its own name, and ends a silence", () => {
    expect(seen["silence"]).toMatchObject({ createdBy: "trainee", status: { state: "active" } });
    expect(seen["expired"]).toMatchObject({ ok: true });
  });
});
