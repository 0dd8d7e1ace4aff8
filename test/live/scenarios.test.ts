import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SCENARIOS } from "../../scenarios/index.ts";
import type { Fix, Scenario } from "../../scenarios/scenario.ts";
import { readJournal } from "../../lab/drill/read-journal.ts";
import { shareDifference, SHARES_DIFFER_BY, shownBy, shownInVirtualTime } from "../support/agreement.ts";
import { startLiveLab, visibleTexts, type LiveLab } from "../support/live-lab.ts";
import { until } from "../support/until.ts";

/** Of each scenario: the wrong fixes that come nearest to a right one, and a right one that is no rollback. */
const TRIED: Readonly<Record<string, { readonly wrong: readonly [string, string]; readonly right: string }>> =
  {
    "port-conflict": {
      wrong: ["restart the balancer only", "roll back the balancer's configuration"],
      right: "uninstall, then restart the balancer",
    },
    "uneven-weights": {
      wrong: ["least-connections with the skewed weights kept", "retries on 5xx without a budget"],
      right: "set equal weights",
    },
    "auth-bottleneck": {
      wrong: ["restore only the limit", "raise timeouts"],
      right: "restore all auth servers and their limits",
    },
    "dead-backends": {
      wrong: ["more retries with affinity kept", "remove one of the dead backends only"],
      right: "switch health checks on",
    },
    "single-server": {
      wrong: ["give the crashing server a longer queue", "add retries"],
      right: "even weights over four of five",
    },
  };

const named = (fixes: readonly Fix[], name: string): Fix => {
  const found = fixes.find((fix) => fix.name === name);
  if (!found) throw new Error(`there is no fix "${name}"`);
  return found;
};

describe.each(SCENARIOS.map((scenario) => [scenario.id, scenario] as const))(
  "%s, live",
  (id, scenario: Scenario) => {
    const pace = scenario.paces.drill;
    const tried = TRIED[id];
    let live: LiveLab;
    beforeAll(async () => {
      live = await startLiveLab();
    });
    afterAll(() => live.close());

    it("has its impact in band, refuses two wrong fixes, takes a right one, which lasts, is put back, and is in virtual time what it was here", async () => {
      if (!tried) throw new Error(`no fixes are chosen for ${id}`);
      const run = await live.paged(scenario);
      expect((await live.lab.client.check()).ok).toBe(false);

      const pids = (await live.lab.client.units()).flatMap(({ pid }) => pid ?? []);
      const words = [scenario.id, ...scenario.spoilers];
      const spoilt = [...visibleTexts(live.home, pids)].filter(([, text]) =>
        words.some((word) => text.includes(word)),
      );
      expect(spoilt.map(([where]) => where)).toEqual([]);

      for (const name of tried.wrong) {
        for (const step of named(pace.wrongFixes, name).steps) await live.act(step);
        const seen = await live.lab.client.check();
        expect(seen.ok, `"${name}" must not pass`).toBe(false);
      }
      const seenAfter: (string | number | undefined)[] = [];
      for (const step of named(pace.rightFixes, tried.right).steps) {
        expect(await live.act(step)).toMatchObject({ ok: true });
        const { status, error } = await live.lab.client.visit({ path: "/" });
        seenAfter.push(status ?? error);
      }
      // Between the removal of the other program and the balancer's start nothing listens.
      if (id === "port-conflict") expect(seenAfter).toEqual(["ECONNREFUSED", 200]);
      // All users who were locked out come at once: they are not well yet.
      if (id === "auth-bottleneck") expect((await live.lab.client.check()).ok).toBe(false);
      await live.checkUntilOk(pace.recoveryMs + 60_000);
      const windows = run.drill.traffic.notes(Date.now());
      await live.lab.client.end();
      const result = await run.result;

      expect(run.drill.state.impact?.figures.filter(({ inBand }) => !inBand)).toEqual([]);
      expect(result).toMatchObject({ check: "OK", durable: true, inBand: true });
      expect(run.drill.state.reset).toMatchObject({ equal: true, differences: [] });

      const shown = shownBy(scenario, { state: run.drill.state, journal: readJournal(run.journal), windows });
      const virtual = await shownInVirtualTime(scenario, shown.seconds);
      expect([shown.inBand, virtual.inBand]).toEqual([true, true]);
      const { answer, alerts } = virtual;
      expect(shown).toMatchObject({ answer, alerts });
      const both = JSON.stringify([shown.shares, virtual.shares]);
      expect(shareDifference(shown, virtual), both).toBeLessThan(SHARES_DIFFER_BY);
    });

    it("is solved by the responder from the evidence", async () => {
      const run = await live.paged(scenario);
      const { well, lines } = await live.respond();
      expect(well, lines.join("\n")).toBe(true);
      await live.lab.client.end();
      expect(await run.result).toMatchObject({ check: "OK", durable: true, diagnosis: { correct: true } });
    });
  },
);

describe("a quiet night", () => {
  let live: LiveLab;
  beforeAll(async () => {
    live = await startLiveLab();
  });
  afterAll(() => live.close());

  it("pages nobody, and the responder leaves it alone", async () => {
    const [, scenario] = SCENARIOS;
    if (!scenario) throw new Error("there is no scenario");
    const run = live.drill(scenario, false);
    await Promise.race([until(() => run.drill.state.steadyAt !== null, "steady state", 100_000), run.result]);
    const { well, lines } = await live.respond();
    expect(well).toBe(true);
    expect(lines).toEqual(["no page: nothing to do"]);
    expect((await live.lab.client.check()).ok).toBe(true);
    await live.lab.client.end();
    await run.result;
    expect(run.drill.state.acts).toEqual([]);
    expect(run.drill.state).toMatchObject({ pagedAt: null, falsePages: [], page: null });
  });
});
