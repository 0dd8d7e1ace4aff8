import { ENGINES } from "../../lb/transport/engines.ts";
import type { Contender } from "./contender.ts";
import { haproxy } from "./haproxy.ts";
import { nginx } from "./nginx.ts";
import { nodeProxy } from "./node-proxy.ts";
import { ours } from "./ours.ts";

export interface ContenderPaths {
  readonly searchPath: string;
  readonly user: string;
  /** The program that runs this one. */
  readonly node: string;
  readonly dist: string;
}

/** All of them, in the order of the table. */
export function createContenders({ searchPath, user, node, dist }: ContenderPaths): readonly Contender[] {
  return [
    nginx(searchPath, user),
    haproxy(searchPath),
    nodeProxy("bare node:http", "bare", node, dist),
    nodeProxy("http-proxy", "http-proxy", node, dist),
    nodeProxy("httpxy", "httpxy", node, dist),
    nodeProxy("@fastify/http-proxy", "fastify", node, dist),
    ...ENGINES.map((engine) => ours(engine, node, dist)),
  ];
}
