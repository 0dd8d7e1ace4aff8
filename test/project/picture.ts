import { importsOf, sources, within } from "./imports.ts";

/** Where a picture's box begins: the innermost listed folder that holds a file is its box. */
export type Boxes = readonly string[];

const boxOf = (file: string, boxes: Boxes): string | undefined =>
  boxes.filter((box) => within(file, box)).sort((a, b) => b.length - a.length)[0];

/** Which box loads which at run time: types are left out, for they are gone by then. */
export function edgesOf(boxes: Boxes): Map<string, Set<string>> {
  const edges = new Map(boxes.map((box) => [box, new Set<string>()]));
  for (const file of new Set(boxes.flatMap(sources)))
    for (const { from, to, typeOnly } of importsOf(file)) {
      const [a, b] = [boxOf(from, boxes), boxOf(to, boxes)];
      if (!typeOnly && a !== undefined && b !== undefined && a !== b) edges.get(a)?.add(b);
    }
  return edges;
}

const reaches = (
  edges: ReadonlyMap<string, ReadonlySet<string>>,
  from: string,
  to: string,
  without: string,
): boolean => {
  const seen = new Set([from]);
  const left = [from];
  for (let at = left.pop(); at !== undefined; at = left.pop())
    for (const next of edges.get(at) ?? []) {
      if (at === from && next === without) continue;
      if (next === to) return true;
      if (!seen.has(next)) left.push(next);
      seen.add(next);
    }
  return false;
};

/**
 * A Mermaid graph of the boxes, an arrow from a box to each that it loads. An arrow that a longer way implies is left out,
 * to keep it readable.
 */
export function pictureOf(boxes: Boxes): string {
  const edges = edgesOf(boxes);
  const id = (box: string): string => box.replaceAll(/\W/g, "_");
  const lines = boxes.map((box) => `  ${id(box)}["${box}/"]`);
  for (const [from, tos] of edges)
    for (const to of [...tos].sort((a, b) => boxes.indexOf(a) - boxes.indexOf(b)))
      if (!reaches(edges, from, to, to)) lines.push(`  ${id(from)} --> ${id(to)}`);
  return ["```mermaid", "flowchart TD", ...lines, "```"].join("\n");
}

/** The pictures of `docs/architecture.md`, by the name that its markers have. */
export const PICTURES: Readonly<Record<string, Boxes>> = {
  project: [
    "lab/cli",
    "lab/contract",
    "lab/fidelity",
    "lab/matrix",
    "lab/simulate",
    "lab/control",
    "lab/events",
    "lab/world/live",
    "lab/world/docker",
    "lab/world/simulated",
    "lab/world",
    "lab/measures",
    "lab/responders",
    "lab/trainee",
    "lab/drill",
    "lab/chart",
    "lab/judge",
    "lab/probe",
    "lab/load",
    "lab/observe",
    "scenarios",
    "lb",
    "backends",
    "runtime",
  ],
  balancer: [
    "lb/admin",
    "lb/telemetry",
    "lb/listener",
    "lb/config",
    "lb/transport",
    "lb/request",
    "lb/pool",
    "lb/policies",
  ],
};

/** The page with its pictures drawn anew between `<!-- picture NAME -->` and `<!-- end -->`. */
export const withPictures = (page: string): string =>
  page.replaceAll(
    /(<!-- picture (\w+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, begin: string, name: string, end: string) => {
      const boxes = PICTURES[name];
      if (!boxes) throw new Error(`docs/architecture.md has a marker for an unknown picture: ${name}`);
      return `${begin}\n${pictureOf(boxes)}\n\n${end}`;
    },
  );
