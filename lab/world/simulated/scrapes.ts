import type { Cancel } from "../../../runtime/clock.ts";
import type { MetricRegistry } from "../../../runtime/metrics/registry.ts";
import { metricsText } from "../../../runtime/metrics/text.ts";

/** The metrics that a process publishes. */
export interface Scrape {
  /** Brought up to date. */
  registry(): MetricRegistry;
}

/** Metrics by the port that they are published on. */
export interface Scrapes {
  publish(port: number, scrape: Scrape): Cancel;
  /** Undefined when nothing answers there. */
  at(port: number): Scrape | undefined;
}

/** `holder` says who listens on a port: what a dead process published is gone with it. */
export function createScrapes(holder: (port: number) => string | undefined): Scrapes {
  const published = new Map<number, Scrape>();
  return {
    publish(port, scrape) {
      published.set(port, scrape);
      return () => {
        if (published.get(port) === scrape) published.delete(port);
      };
    },
    at: (port) => (holder(port) === undefined ? undefined : published.get(port)),
  };
}

/** The metrics published on a port, in Prometheus' text format; undefined when nothing answers. */
export function textAt(scrapes: Scrapes, port: number): string | undefined {
  const scrape = scrapes.at(port);
  return scrape && metricsText(scrape.registry());
}
