import type { MetricFamily } from "./family.ts";
import type { MetricRegistry } from "./registry.ts";
import { samplesOf, type MetricSample } from "./samples.ts";

/** The same text as `exposition`, to the byte, for where prom-client does not run. */
export function metricsText(registry: MetricRegistry): string {
  const { sharedLabels } = registry;
  return `${registry
    .read()
    .map((family) => familyText(family, sharedLabels))
    .join("\n\n")}\n`;
}

function familyText(family: MetricFamily, sharedLabels: MetricRegistry["sharedLabels"]): string {
  const { name, help, type } = family;
  return [
    `# HELP ${name} ${escaped(help)}`,
    `# TYPE ${name} ${type}`,
    ...samplesOf(family).map((sample) => sampleText(sample, sharedLabels)),
  ].join("\n");
}

function sampleText(
  { name, labels, value }: MetricSample,
  sharedLabels: MetricRegistry["sharedLabels"],
): string {
  const pairs = Object.entries({ ...labels, ...sharedLabels, ...labels }).map(
    ([label, text]) => `${label}="${escaped(String(text)).replaceAll('"', '\\"')}"`,
  );
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${numberText(value)}`;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return "Nan";
  if (Number.isFinite(value)) return String(value);
  return value < 0 ? "-Inf" : "+Inf";
}

const escaped = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
