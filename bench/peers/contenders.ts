import { ENGINES } from "../../lb/transport/engines.ts";
import type { Contender } from "./contender.ts";
import { haproxy } from "./haproxy.ts";
import { nginx } from "./nginx.ts";
import { nodeProxy } from "./node-proxy.ts";
import { nameOfOurs, ours } from "./ours.ts";

export interface ContenderPaths {
  readonly searchPath: string;
  readonly user: string;
  /** The program that runs this one. */
  readonly node: string;
  readonly dist: string;
  /** The build of another state of this project, whose balancer runs beside this one's. */
  readonly beside?: string | undefined;
}

/** A relay of bytes, which no proxy in Node can be cheaper than. */
export const FLOOR = "bytes, the floor";

/** All of them, in the order of the table. */
export function createContenders({
  searchPath,
  user,
  node,
  dist,
  beside,
}: ContenderPaths): readonly Contender[] {
  return [
    nginx(searchPath, user),
    haproxy(searchPath),
    nodeProxy(FLOOR, "relay", node, dist),
    nodeProxy("bare node:http", "bare", node, dist),
    nodeProxy("http-proxy", "http-proxy", node, dist),
    nodeProxy("httpxy", "httpxy", node, dist),
    nodeProxy("@fastify/http-proxy", "fastify", node, dist),
    ...ENGINES.flatMap((engine) => [
      ...(beside === undefined ? [] : [ours(`${nameOfOurs(engine)}, beside`, engine, node, beside)]),
      ours(nameOfOurs(engine), engine, node, dist),
    ]),
  ];
}
