import { CodedError, ERROR_CATALOGUE, type ErrorCode } from "../../runtime/errors.ts";
import { BACKGROUND_HEADER } from "./headers.ts";
import { OPERATION_NAMES, routeOf, type OperationRoute } from "./routes.ts";
import { traineeOf, type Trainee } from "./trainee.ts";
import { wireRequest, type WireRequest } from "./wire-request.ts";

export interface HttpRequest extends WireRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly waits: OperationRoute["waits"];
  /** Aborted when the caller no longer waits. */
  readonly signal: AbortSignal | undefined;
}

export interface HttpResponse {
  readonly status: number;
  readonly text: string;
}

/** Sends a request to a lab's control API: by Node's HTTP client, or by a page's `fetch`. */
export type Send = (request: HttpRequest) => Promise<HttpResponse>;

/** The trainee's interface over HTTP, on any platform. Rejects with the lab's CodedErrors, and with `send`'s errors. */
export function createHttpTrainee({ token, send }: { readonly token: string; readonly send: Send }): Trainee {
  return traineeOf(OPERATION_NAMES, async (name, input, { background = false, signal }) => {
    const { answers, waits } = routeOf(name);
    const request = wireRequest(name, input);
    const headers = { ...headersOf(token, request), ...(background ? { [BACKGROUND_HEADER]: "1" } : {}) };
    const text = textOf(await send({ ...request, headers, waits, signal }));
    return answers === "text" ? text : (JSON.parse(text) as unknown);
  });
}

/** The token, and the body's type. */
export const headersOf = (token: string, { body }: WireRequest): Record<string, string> => ({
  authorization: `Bearer ${token}`,
  ...(body === undefined ? {} : { "content-type": "application/json" }),
});

/** The text of an answer. Throws the error that it carries, if any. */
export function textOf({ status, text }: HttpResponse): string {
  if (status < 400) return text;
  throw errorOf(text, status);
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
