import { evaluatorConfig } from "../../../observe/config.ts";
import { runEvaluator } from "../../../observe/run.ts";
import type { MonitoringApis } from "../monitoring-apis.ts";
import type { Program } from "../process.ts";
import type { Scrapes } from "../scrapes.ts";
import type { MonitoringTexts } from "../../../observe/text-file.ts";

export interface EvaluatorProgramDeps {
  readonly scrapes: Scrapes;
  readonly apis: MonitoringApis;
  readonly texts: MonitoringTexts;
}

/** The evaluator: the live one, scraping without HTTP. */
export const evaluatorProgram =
  ({ scrapes, apis, texts }: EvaluatorProgramDeps): Program =>
  async ({ unit, network, promises }) => {
    const config = evaluatorConfig.parse(unit.config);
    const placeOf = createPlaces();
    await runEvaluator(
      // It awaits its scrapes, and pages lead to acts.
      { ...unit, config, clock: promises },
      {
        async get(url) {
          const { port, host } = placeOf(url);
          const scrape = scrapes.at(port);
          if (!scrape) throw new Error(`connect ECONNREFUSED ${host}`);
          return scrape.registry();
        },
        readRules: () => texts.rules,
        readPager: () => texts.pager,
        // In memory there is nobody else.
        notifyOthers() {},
        async serve(port, parts) {
          const unbind = network.bind(port, (incoming) => incoming.cut());
          const close = apis.open(port, parts);
          return {
            async close() {
              close();
              unbind();
            },
          };
        },
      },
    );
  };

/** The place that a URL names. Each target's is asked for at every scrape, and a URL is slow to read. */
function createPlaces(): (url: string) => { readonly port: number; readonly host: string } {
  const places = new Map<string, { readonly port: number; readonly host: string }>();
  return (url) => {
    let place = places.get(url);
    if (!place) {
      const { port, host } = new URL(url);
      places.set(url, (place = { port: Number(port), host }));
    }
    return place;
  };
}
