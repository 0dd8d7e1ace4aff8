import { CodedError, ERROR_CATALOGUE, messageOf, type ErrorCode } from "../../runtime/errors.ts";
import { callHttp, NoAnswerInTime } from "../../runtime/http-call.ts";
import { LAB_PATHS, OPERATION_NAMES, routeOf } from "../trainee/routes.ts";
import { traineeOf, type Trainee } from "../trainee/trainee.ts";
import { wireRequest, type WireRequest } from "../trainee/wire-request.ts";
import { HOST } from "../world/ports.ts";
import { BACKGROUND_HEADER, INSTANCE_HEADER } from "./headers.ts";

export interface ControlAddress {
  readonly port: number;
  readonly token: string;
  /** The run that must answer; absent: any. */
  readonly instance?: string | undefined;
  /** Of the lab, for what is said when it hangs. */
  readonly pid?: number | undefined;
  /** Aborted by whoever will not wait any more: calls reject with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What the command line does on a running lab. */
export interface ControlClient extends Trainee {
  /** Takes the whole lab down. */
  down(): Promise<void>;
}

/** What is read is there or is not; an act waits for processes, and a check watches users for up to a minute. */
const WITHIN_MS = { look: 10_000, act: 120_000, check: 150_000 } as const;

/**
 * Speaks to a running lab's control API, as the command line and the responders do. Throws LAB_NOT_RUNNING when nobody
 * answers in time, or another lab than the one that is meant.
 */
export function createControlClient(
  address: ControlAddress,
  within: Readonly<Record<keyof typeof WITHIN_MS, number>> = WITHIN_MS,
): ControlClient {
  const { port, token, instance } = address;

  async function call(request: WireRequest, options: CallTerms): Promise<string> {
    const { withinMs, background } = options;
    const signals = [address.signal, options.signal].filter((one) => one !== undefined);
    const signal = signals.length === 0 ? undefined : AbortSignal.any(signals);
    const { status, text, headers } = await callHttp({
      origin: `http://${HOST}:${port}`,
      ...request,
      headers: {
        authorization: `Bearer ${token}`,
        ...(background ? { [BACKGROUND_HEADER]: "1" } : {}),
        ...(request.body === undefined ? {} : { "content-type": "application/json" }),
      },
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
          hint: "npx lblab doctor says who holds the ports; --port-base N moves a lab to others",
        },
      );
    if (status < 400) return text;
    throw errorOf(text, status);
  }

  return {
    ...traineeOf(OPERATION_NAMES, async (name, input, { background = false, signal }) => {
      const { answers, waits } = routeOf(name);
      const text = await call(wireRequest(name, input), { background, signal, withinMs: within[waits] });
      return answers === "text" ? text : (JSON.parse(text) as unknown);
    }),
    async down() {
      const { method, path } = LAB_PATHS.down;
      await call(
        { method, path, body: "{}" },
        { background: false, signal: undefined, withinMs: within.act },
      );
    },
  };
}

interface CallTerms {
  readonly background: boolean;
  readonly signal: AbortSignal | undefined;
  readonly withinMs: number;
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
