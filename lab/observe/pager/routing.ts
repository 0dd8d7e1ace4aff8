import type { LabelMatcher, Labels } from "../samples.ts";
import type { Route } from "./config.ts";
import { goQuote } from "./go-quote.ts";
import { matcherText } from "./matcher-text.ts";
import { labelTest } from "./matching.ts";

/** Where an alert goes: the route, and the group of it that the alert belongs to. */
export interface Destination {
  readonly route: Route;
  /** As Alertmanager writes it: the route's matchers from the top, and the group's labels. */
  readonly groupKey: string;
  readonly groupLabels: Labels;
}

interface Node {
  readonly route: Route;
  readonly key: string;
  readonly matches: (labels: Labels) => boolean;
  readonly below: readonly Node[];
}

/** Routes alerts: to the deepest routes that match, and with `continue` to those after them. */
export function createRouting(root: Route): (labels: Labels) => readonly Destination[] {
  const top = nodeOf(root, "");
  return (labels) =>
    nodesFor(top, labels).map(({ route, key }) => {
      const groupLabels = groupLabelsOf(labels, route.groupBy);
      return { route, groupLabels, groupKey: `${key}:${labelsText(groupLabels)}` };
    });
}

function nodeOf(route: Route, above: string): Node {
  const own = `{${[...route.matchers].sort(compareMatchers).map(matcherText).join(",")}}`;
  const key = above === "" ? own : `${above}/${own}`;
  return {
    route,
    key,
    matches: labelTest(route.matchers),
    below: route.routes.map((one) => nodeOf(one, key)),
  };
}

function nodesFor(node: Node, labels: Labels): readonly Node[] {
  if (!node.matches(labels)) return [];
  const found: Node[] = [];
  for (const child of node.below) {
    const deeper = nodesFor(child, labels);
    found.push(...deeper);
    if (deeper.length > 0 && !child.route.goesOn) break;
  }
  return found.length > 0 ? found : [node];
}

const OPERATORS: readonly LabelMatcher["op"][] = ["=", "!=", "=~", "!~"];

function compareMatchers(a: LabelMatcher, b: LabelMatcher): number {
  if (a.label !== b.label) return a.label < b.label ? -1 : 1;
  if (a.value !== b.value) return a.value < b.value ? -1 : 1;
  return OPERATORS.indexOf(a.op) - OPERATORS.indexOf(b.op);
}

const groupLabelsOf = (labels: Labels, by: Route["groupBy"]): Labels =>
  by === undefined
    ? labels
    : Object.fromEntries(by.filter((name) => name in labels).map((name) => [name, labels[name] ?? ""]));

const labelsText = (labels: Labels): string =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}=${goQuote(value)}`)
    .sort()
    .join(", ")}}`;
