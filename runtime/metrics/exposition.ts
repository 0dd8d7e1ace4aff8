import { Gauge, Registry } from "prom-client";
import type { MetricFamily } from "./family.ts";
import type { MetricRegistry } from "./registry.ts";
import { samplesOf } from "./samples.ts";

export const EXPOSITION_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** The registry in Prometheus' text format, by prom-client. */
export function exposition(registry: MetricRegistry): Promise<string> {
  const theirs = new Registry();
  theirs.setDefaultLabels(registry.sharedLabels);
  for (const family of registry.read()) theirs.registerMetric(new Exposed(family));
  return theirs.metrics();
}

type Values = Awaited<ReturnType<Gauge["get"]>>;

/** A metric of prom-client whose values are those of a family. */
class Exposed extends Gauge {
  readonly #family: MetricFamily;

  constructor(family: MetricFamily) {
    const { name, help } = family;
    super({ name, help, registers: [] });
    this.#family = family;
  }

  override async get(): Promise<Values> {
    const values = samplesOf(this.#family).map(({ name, labels, value }) => ({
      metricName: name,
      labels,
      value,
    }));
    // Declared as a number; it is the word in the exposition.
    return { ...(await super.get()), type: this.#family.type as unknown as Values["type"], values };
  }
}
