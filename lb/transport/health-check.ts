import { request } from "node:http";
import type { Cancel } from "../../runtime/clock.ts";
import { systemCode, messageOf } from "../../runtime/errors.ts";
import type { Target } from "./transport.ts";

/**
 * One GET on a connection of its own. `done` gets the answer's status as soon as its head is there, or undefined and
 * why; never after the returned cancel. It has no deadline of its own.
 */
export function checkOnce(
  { host, port }: Target,
  path: string,
  done: (status: number | undefined, detail: string) => void,
): Cancel {
  let over = false;
  function finish(status: number | undefined, detail: string) {
    if (over) return;
    over = true;
    done(status, detail);
  }
  const probe = request({
    host,
    port,
    path,
    agent: false,
    headers: { "User-Agent": "balancer-health-check" },
  });
  probe.on("response", (response) => {
    finish(response.statusCode, `HTTP ${response.statusCode}`);
    // The body tells nothing, and may never end.
    response.on("error", () => {}).destroy();
  });
  probe.on("error", (error) => finish(undefined, systemCode(error) ?? messageOf(error)));
  probe.end();
  return () => {
    over = true;
    probe.destroy();
  };
}
