import type { ListenerConfig } from "../../schema.ts";
import type { Remark, Rule } from "../rule.ts";

export const rule: Rule = {
  code: "ROUTE_SHADOWED",
  severity: "warning",
  title: "A route that no request reaches",
  page: `The first route that matches wins, and an earlier one matches everything that this one would. Its pool gets nothing by it.

Put the narrower route first: those with a host before those without, long paths before short ones.`,
  find: ({ config }) => config.listeners.flatMap(({ routes }, i) => shadowed(routes, i)),
};

type Route = ListenerConfig["routes"][number];

/** Each host's paths are kept apart, so that a long table costs no comparison of every pair. */
function shadowed(routes: readonly Route[], listener: number): Remark[] {
  const seen = new Map<string | undefined, Map<string, number>>();
  return routes.flatMap(({ host, path }, index): Remark[] => {
    const hider = hides(seen.get(undefined), path) ?? hides(seen.get(host), path);
    const paths = seen.get(host) ?? new Map<string, number>();
    seen.set(host, paths);
    if (!paths.has(path)) paths.set(path, index);
    if (hider === undefined) return [];
    const message = `route ${hider} of this listener (${routes[hider]?.path}) takes everything that this one would`;
    return [{ path: ["listeners", listener, "routes", index, "path"], message }];
  });
}

/** The route among these whose path is `path` or one above it. */
function hides(paths: ReadonlyMap<string, number> | undefined, path: string): number | undefined {
  if (!paths) return undefined;
  const root = paths.get("/");
  if (root !== undefined) return root;
  for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
    const found = paths.get(path.slice(0, end)) ?? paths.get(`${path.slice(0, end)}/`);
    // `/api/` does not take what asks for `/api` itself.
    if (found !== undefined && !(end === path.length && !paths.has(path))) return found;
  }
  return undefined;
}
