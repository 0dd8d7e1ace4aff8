import { CodedError, ERROR_CATALOGUE, messageOf, systemCode, type ErrorCode } from "../../runtime/errors.ts";
import { callHttp, NoAnswerInTime } from "../../runtime/http-call.ts";
import type { Trainee } from "../responders/trainee.ts";
import type { Answer } from "../world/answer.ts";
import type { AlertView } from "../observe/alert-log.ts";
import { HOST } from "../world/ports.ts";
import type { SilenceRequest } from "../world/monitoring.ts";
import type { ActionResult } from "../world/world.ts";
import { INSTANCE_HEADER } from "./instance.ts";
import type { StatusView } from "./views.ts";

export interface ControlAddress {
  readonly port: number;
  readonly token: string;
  /** `host:port` of the balancer's public listener. */
  readonly listener: string;
  /** The run that must answer; absent: any. */
  readonly instance?: string | undefined;
  /** Of the lab, for what is said when it hangs. */
  readonly pid?: number | undefined;
  /** Aborted by whoever will not wait any more: calls reject with its reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface ControlClient extends Trainee {
  acknowledge(alert: string | undefined): Promise<readonly AlertView[]>;
  silence(request: SilenceRequest): Promise<ActionResult>;
  down(): Promise<void>;
}

/** What is read is there or is not; an action waits for processes, and a check watches users for up to a minute. */
const WITHIN_MS = { look: 10_000, act: 120_000, check: 150_000 } as const;

/**
 * Speaks to a running lab's control API, as the command line and the responders do. Throws LAB_NOT_RUNNING when nobody
 * answers in time, or another lab than the one that is meant.
 */
export function createControlClient(
  address: ControlAddress,
  within: Readonly<Record<keyof typeof WITHIN_MS, number>> = WITHIN_MS,
): ControlClient {
  const { port, token, listener, instance, signal } = address;
  async function call<T>(
    method: "GET" | "POST",
    path: string,
    body?: unknown,
    withinMs: number = method === "GET" ? within.look : within.act,
  ): Promise<T> {
    const { status, text, headers } = await callHttp({
      origin: `http://${HOST}:${port}`,
      method,
      path,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      withinMs,
      signal,
    }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw silent(address, error);
    });
    if (instance !== undefined && headers[INSTANCE_HEADER] !== instance)
      throw new CodedError(
        "LAB_NOT_RUNNING",
        `another lab answers on port ${port}, not the one of this directory`,
        {
          hint: "lblab doctor says who holds the ports; --port-base N moves a lab to others",
        },
      );
    if (status < 400) return (path.startsWith("/v1/metrics/") ? text : JSON.parse(text)) as T;
    throw errorOf(text, status);
  }
  return {
    status: () => call<StatusView>("GET", "/v1/status"),
    units: () => call("GET", "/v1/units"),
    unitConfig: (unit) => call("GET", `/v1/units/${encodeURIComponent(unit)}/config`),
    logs: (unit, lines) => call("GET", `/v1/logs/${encodeURIComponent(unit)}?lines=${lines}`),
    config: (version) => call("GET", version === undefined ? "/v1/config" : `/v1/config?version=${version}`),
    configHistory: () => call("GET", "/v1/config/history"),
    changes: () => call("GET", "/v1/changes"),
    ports: () => call("GET", "/v1/ports"),
    metrics: (unit) => call("GET", `/v1/metrics/${encodeURIComponent(unit)}`),
    alerts: () => call("GET", "/v1/alerts"),
    query({ expression, range }) {
      const given = new URLSearchParams({ query: expression });
      if (range) {
        given.set("range", String(range.seconds));
        given.set("step", String(range.stepSeconds));
      }
      return call("GET", `/v1/query?${given.toString()}`);
    },
    acknowledge: (alert) => call("POST", "/v1/alerts/acknowledge", alert === undefined ? {} : { alert }),
    silence: (request) => call("POST", "/v1/silences", request),
    visit: (path) => visit(listener, path, signal),
    act: (step) => call("POST", "/v1/actions", step),
    check: () => call("POST", "/v1/check", {}, within.check),
    diagnose: async (diagnosis) => void (await call("POST", "/v1/diagnose", diagnosis)),
    hint: async () => (await call<{ hint: string }>("POST", "/v1/hint", {})).hint,
    end: async () => void (await call("POST", "/v1/end", {})),
    down: async () => void (await call("POST", "/v1/down", {})),
  };
}

function silent({ port, pid }: ControlAddress, error: unknown): CodedError {
  const message = `the lab on port ${port} does not answer: ${messageOf(error)}`;
  const hangs = error instanceof NoAnswerInTime && pid !== undefined;
  return new CodedError("LAB_NOT_RUNNING", message, {
    hint: hangs
      ? `its process hangs or is stopped: kill -CONT ${pid} lets it go on, kill -KILL ${pid} ends the lab`
      : "npx lblab start begins a drill, npx lblab doctor looks at the machine",
  });
}

function errorOf(text: string, status: number): Error {
  try {
    const { error } = JSON.parse(text) as { error: { code: string; message: string; hint?: string } };
    if (error.code in ERROR_CATALOGUE)
      return new CodedError(
        error.code as ErrorCode,
        error.message,
        error.hint === undefined ? {} : { hint: error.hint },
      );
    return new Error(error.message);
  } catch {
    return new Error(`the control API answered ${status}: ${text.slice(0, 200)}`);
  }
}

async function visit(listener: string, path: string, signal: AbortSignal | undefined): Promise<Answer> {
  try {
    const { status, headers } = await callHttp({
      origin: `http://${listener}`,
      path,
      withinMs: WITHIN_MS.look,
      signal,
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
}
