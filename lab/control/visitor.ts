import { messageOf, systemCode } from "../../runtime/errors.ts";
import { callHttp } from "../../runtime/http-call.ts";
import { answerOf, noAnswer, type Visit } from "../world/visit.ts";

const WITHIN_MS = 10_000;

/** Sends requests to a balancer's public address, `host:port`, over the network. */
export function createVisitor(listener: string): Visit {
  return async ({ path, method, cookie, body }) => {
    try {
      const answer = await callHttp({
        origin: `http://${listener}`,
        path,
        method,
        headers: cookie === undefined ? {} : { cookie },
        body,
        withinMs: WITHIN_MS,
      });
      const headers = Object.entries(answer.headers).flatMap(([name, value]) =>
        (Array.isArray(value) ? value : [value ?? ""]).flatMap((one) => [name, one]),
      );
      return answerOf(answer.status, headers, answer.text);
    } catch (error) {
      return noAnswer(systemCode(error) ?? messageOf(error));
    }
  };
}
