import { describe, expect, it } from "vitest";
import { parseBackendConfig, type BackendConfig } from "../../backends/config.ts";
import type { ServiceAnswer } from "../../backends/answers.ts";
import { createService, type Service } from "../../backends/service.ts";
import { silentLog } from "../../runtime/log.ts";
import { seeded } from "../../runtime/random.ts";
import { createManualClock } from "../support/manual-clock.ts";

function serve(more: Partial<BackendConfig>): {
  readonly service: Service;
  readonly clock: ReturnType<typeof createManualClock>;
  ask(url?: string): { readonly answer: ServiceAnswer | undefined };
} {
  const clock = createManualClock();
  const config = parseBackendConfig({
    name: "web-1",
    role: "web",
    port: 9101,
    version: "4.2.0",
    seed: 7,
    capacity: { slots: 1000, serviceMs: 50, sigma: 0, queueLimit: 0 },
    ...more,
  });
  const service = createService(config, {
    clock,
    random: seeded(1),
    log: silentLog,
    keys: {},
    dial: () => () => {},
    crash: () => {},
  });
  const route = service.routes.at(-1);
  if (!route) throw new Error("a web server has a route for every page");
  return {
    service,
    clock,
    ask(url = "/") {
      const asked: { answer: ServiceAnswer | undefined } = { answer: undefined };
      const request = {
        method: "GET",
        url,
        params: {},
        cookie: undefined,
        nonce: undefined,
        body: undefined,
      };
      service.handle(route, request, (answer) => (asked.answer = answer));
      return asked;
    },
  };
}

describe("a backend with errors of its own", () => {
  it("answers that share of its requests with 500, after their service", () => {
    const { ask, clock } = serve({ errors: { ratio: 0.3 } });
    const asked = Array.from({ length: 1000 }, () => ask());
    expect(asked.some(({ answer }) => answer)).toBe(false);
    clock.advance(50);
    const failed = asked.filter(({ answer }) => answer?.status === 500).length;
    expect(asked.every(({ answer }) => answer)).toBe(true);
    expect(failed).toBeGreaterThan(250);
    expect(failed).toBeLessThan(350);
  });

  it("that fails fast answers at once and takes no slot, so that it looks like the fastest of all", () => {
    const { ask, service } = serve({
      capacity: { slots: 1, serviceMs: 50, sigma: 0, queueLimit: 0 },
      errors: { ratio: 1, status: 503, fast: true },
    });
    expect([ask(), ask(), ask()].map(({ answer }) => answer?.status)).toEqual([503, 503, 503]);
    expect(service).toBeDefined();
  });
});

describe("a backend with costs by path", () => {
  it("takes as many times as long for the longest path that fits, and once for all others", () => {
    const { ask, clock } = serve({
      costs: [
        { path: "/search", factor: 4 },
        { path: "/search/quick", factor: 0.5 },
      ],
    });
    const [page, search, quick] = [ask("/"), ask("/search?q=a"), ask("/search/quick")];
    const done = (): boolean[] => [page, search, quick].map(({ answer }) => answer !== undefined);
    clock.advance(25);
    expect(done()).toEqual([false, false, true]);
    clock.advance(25);
    expect(done()).toEqual([true, false, true]);
    clock.advance(149);
    expect(done()).toEqual([true, false, true]);
    clock.advance(1);
    expect(done()).toEqual([true, true, true]);
  });
});

describe("a release that is bad", () => {
  const releases = { "4.3.0": { serviceMs: 400, errors: { ratio: 1 } } };

  it("brings its own service time and errors", () => {
    const { ask, clock } = serve({ version: "4.3.0", releases });
    const asked = ask();
    clock.advance(399);
    expect(asked.answer).toBeUndefined();
    clock.advance(1);
    expect(asked.answer?.status).toBe(500);
  });

  it("changes nothing of the other releases", () => {
    const { ask, clock } = serve({ version: "4.2.0", releases });
    const asked = ask();
    clock.advance(50);
    expect(asked.answer?.status).toBe(200);
  });
});
