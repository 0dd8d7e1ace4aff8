import { messageOf, systemCode } from "../../runtime/errors.ts";
import { callHttp } from "../../runtime/http-call.ts";
import type { Visit } from "../trainee/visit.ts";

const WITHIN_MS = 10_000;

/** Sends requests to a balancer's public address, `host:port`, over the network. */
export function createVisitor(listener: string): Visit {
  return async ({ path }) => {
    try {
      const { status, headers } = await callHttp({
        origin: `http://${listener}`,
        path,
        withinMs: WITHIN_MS,
      });
      const text = (name: string): string | undefined =>
        typeof headers[name] === "string" ? headers[name] : undefined;
      return { status, server: text("server"), flag: text("x-balancer-flag"), error: undefined };
    } catch (error) {
      return {
        status: undefined,
        server: undefined,
        flag: undefined,
        error: systemCode(error) ?? messageOf(error),
      };
    }
  };
}
