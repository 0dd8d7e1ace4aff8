import { CodedError, messageOf } from "../../runtime/errors.ts";
import { callHttp, NoAnswerInTime } from "../../runtime/http-call.ts";
import { INSTANCE_HEADER } from "../trainee/headers.ts";
import { createHttpTrainee, headersOf, textOf, type Send } from "../trainee/http-trainee.ts";
import { LAB_PATHS } from "../trainee/routes.ts";
import type { Trainee } from "../trainee/trainee.ts";
import { WITHIN_MS } from "../trainee/waits.ts";
import { HOST } from "../world/ports.ts";

export interface ControlAddress {
  readonly port: number;
  readonly token: string;
  /** The run that must answer; absent: any. */
  readonly instance?: string | undefined;
  /** Of the lab, for the hint when it hangs. */
  readonly pid?: number | undefined;
  /** Aborted to give up waiting: calls reject with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** The command line's calls of a running lab. */
export interface ControlClient extends Trainee {
  /** Takes the whole lab down. */
  down(): Promise<void>;
}

/**
 * A client of a running lab's control API, for the command line and the responders. Throws LAB_NOT_RUNNING when no lab
 * answers in time, or another one than the one that is meant.
 */
export function createControlClient(address: ControlAddress, within = WITHIN_MS): ControlClient {
  const { port, token, instance } = address;

  const send: Send = async ({ method, path, headers, body, waits, signal: given }) => {
    const signals = [address.signal, given].filter((one) => one !== undefined);
    const signal = signals.length === 0 ? undefined : AbortSignal.any(signals);
    const answer = await callHttp({
      origin: `http://${HOST}:${port}`,
      method,
      path,
      headers,
      body,
      withinMs: within[waits],
      signal,
    }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw silent(address, error);
    });
    if (instance === undefined || answer.headers[INSTANCE_HEADER] === instance) return answer;
    throw new CodedError(
      "LAB_NOT_RUNNING",
      `another lab answers on port ${port}, not the one of this directory`,
      { hint: "npx lblab doctor says who holds the ports; --port-base N moves a lab to others" },
    );
  };

  return {
    ...createHttpTrainee({ token, send }),
    async down() {
      const { method, path } = LAB_PATHS.down;
      const request = { method, path, body: "{}" };
      textOf(await send({ ...request, headers: headersOf(token, request), waits: "act", signal: undefined }));
    },
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
