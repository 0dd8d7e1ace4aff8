import type { MonitoringTexts } from "../observe/text-file.ts";
import { instant } from "./instant.ts";
import { defineMeasure } from "./kind.ts";

const ALERT = "UnevenDistribution";

export const distributionAlert = defineMeasure({
  name: "distribution-alert",
  does: "alerts on an upstream that gets a multiple of its share; switched on, it names the upstream to the people on call",
  askedFor: ["004"],
  hooks: "the alert rules",
  trap: "it is relative to the weights as they are configured, or to all being alike: a canary of a tenth does not move it",
  parameters: {},
  without: () => ({ monitoring: withoutAlert }),
  zeroWithout: "the team acts by its timetable, and does not read it",
  create: () => ({
    measure: {
      name: "distribution-alert",
      begin(actions) {
        const { monitoring, suspect } = actions;
        monitoring.onAlert(({ to, alert }) => {
          const pool = alert.labels["pool"];
          if (to !== "firing" || alert.name !== ALERT || pool === undefined) return;
          void busiestOf(pool).then((upstream) => {
            if (upstream !== undefined)
              suspect({
                upstream: { pool, name: upstream, by: "share" },
                message: `${upstream} of pool ${pool} gets a multiple of its share`,
              });
          });
        });
        const busiestOf = async (pool: string): Promise<string | undefined> => {
          const rates = `sum by (upstream) (rate(lb_upstream_requests_total{pool="${pool}"}[15s]))`;
          const [busiest] = await instant(actions, `topk(1, ${rates})`);
          return busiest?.labels["upstream"];
        };
        return {};
      },
    },
  }),
});

/** One alert of a rule file: its first line, and all up to the next alert. */
const ONE_ALERT = /^ {6}- alert: (\w+)\n(?:(?! {6}- alert:).*\n?)*/gm;

const withoutAlert = (texts: MonitoringTexts): MonitoringTexts => ({
  ...texts,
  rules: texts.rules.map(({ path, text }) => ({
    path,
    text: text.replaceAll(ONE_ALERT, (whole, name: string) => (name === ALERT ? "" : whole)),
  })),
});
