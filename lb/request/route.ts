import type { ListenerConfig } from "../config/schema.ts";
import { createHeaderEdit, type HeaderEdit } from "./headers/header-edit.ts";

export interface Route {
  /** `listener/index`: the same closed set that the metrics are labelled with. */
  readonly label: string;
  readonly pool: string;
  /** Its listener's address, as configured. */
  readonly bind: string;
  /** What its rules change in a request's header fields, and in those of an upstream's answer. */
  readonly requestEdit: HeaderEdit | undefined;
  readonly responseEdit: HeaderEdit | undefined;
}

/** The first of a listener's routes that matches a host (lower case, no port) and an origin-form target. */
export type Router = (host: string, target: string) => Route | undefined;

/**
 * Matches hosts exactly and paths by prefix on whole segments, byte for byte as sent: nothing is decoded or resolved,
 * because the upstream gets the very same target. The query is no part of the path. `/` matches every target.
 */
export function createRouter(listener: ListenerConfig): Router {
  const rules = listener.routes.map(({ host, path, pool, headers }, index) => ({
    host,
    path,
    route: {
      label: `${listener.name}/${index}`,
      pool,
      bind: listener.bind,
      requestEdit: headers?.request && createHeaderEdit(headers.request),
      responseEdit: headers?.response && createHeaderEdit(headers.response),
    },
  }));
  return (host, target) => {
    const query = target.indexOf("?");
    const length = query === -1 ? target.length : query;
    for (const rule of rules)
      if ((rule.host === undefined || rule.host === host) && holds(rule.path, target, length))
        return rule.route;
    return undefined;
  };
}

function holds(prefix: string, target: string, length: number): boolean {
  if (prefix === "/") return true;
  if (length < prefix.length || !target.startsWith(prefix)) return false;
  return length === prefix.length || prefix.endsWith("/") || target[prefix.length] === "/";
}
