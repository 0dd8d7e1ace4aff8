import { request } from "node:http";
import { systemCode, messageOf } from "../../runtime/errors.ts";
import { connectFailureKind } from "./failure-kind.ts";
import type { PendingCheck, CheckOutcome, CheckRequest } from "./transport.ts";
import type { Target } from "../address.ts";

/** What a health check sends beside its path. */
export function checkHeaders({ host }: CheckRequest): Readonly<Record<string, string>> {
  return { "User-Agent": "balancer-health-check", ...(host !== undefined && { Host: host }) };
}

/** One GET on a connection of its own. It has its answer as soon as the head is there. */
export function checkOnce(
  { host, port }: Target,
  ask: CheckRequest,
  done: (outcome: CheckOutcome) => void,
): PendingCheck {
  let over = false;
  let connected = false;
  function finish(outcome: CheckOutcome) {
    if (over) return;
    over = true;
    done(outcome);
  }
  const probe = request({ host, port, path: ask.path, agent: false, headers: checkHeaders(ask) });
  probe.on("socket", (socket) => socket.once("connect", () => (connected = true)));
  probe.on("response", (response) => {
    finish({ kind: "answered", status: response.statusCode ?? 0, detail: `HTTP ${response.statusCode}` });
    // The body does not matter, and may never end.
    response.on("error", () => {}).destroy();
  });
  probe.on("error", (error) => {
    const code = systemCode(error);
    finish({ kind: failureKindOf(code, error.message, connected), detail: code ?? messageOf(error) });
  });
  probe.end();
  return {
    get connected() {
      return connected;
    },
    cancel() {
      over = true;
      probe.destroy();
    },
  };
}

/** An orderly end before an answer is an answer that is none; node gives it the code of a reset. */
function failureKindOf(
  code: string | undefined,
  message: string,
  connected: boolean,
): "reset" | "invalid" | ReturnType<typeof connectFailureKind> {
  if (!connected) return connectFailureKind(code);
  return code?.startsWith("HPE_") || message === "socket hang up" ? "invalid" : "reset";
}
