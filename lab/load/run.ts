import { every } from "../../runtime/clock.ts";
import { seeded } from "../../runtime/random.ts";
import { aborted } from "../../runtime/aborted.ts";
import type { UnitProcess } from "../../runtime/unit-process.ts";
import type { LoadConfig } from "./config.ts";
import type { OpenConnection } from "./connection.ts";
import { startLoad } from "./load.ts";
import { createRequestMix } from "./request-mix.ts";
import { createTally } from "./tally.ts";

const REPORT_EVERY_MS = 1000;

/** The load as a unit, at one request a second and connection, until its lifetime ends. */
export async function runLoad(unit: UnitProcess<LoadConfig>, open: OpenConnection): Promise<void> {
  const { clock, config, lifetime } = unit;
  const tally = createTally();
  const random = seeded(config.seed).fork("load");
  const places = random.fork("places");
  const load = startLoad(
    {
      url: config.target,
      requestsPerSecond: config.requestsPerSecond,
      connections: config.requestsPerSecond,
      timeoutMs: config.timeoutMs,
      // By chance, as users come: a full queue takes requests at a strict interval more often than users' requests, and
      // the prober would fare worse than the load.
      placeOf: () => places.next(),
      next: createRequestMix(config, random, unit.keys.nonce),
    },
    { clock, open, tally },
  );
  const stopReports = every(clock, REPORT_EVERY_MS, report);
  unit.ready();

  await aborted(lifetime);
  stopReports();
  load.stop();
  report();

  function report() {
    const { sent, answered, failed } = tally.totals();
    unit.send({ type: "load", at: clock.wall(), sent, answered, failed });
  }
}
