import type { Cancel } from "../runtime/clock.ts";
import type { Random } from "../runtime/random.ts";
import type { Answers, ServiceAnswer } from "./answers.ts";
import type { Capacity } from "./capacity.ts";
import type { BackendConfig } from "./config.ts";
import type { BackendMetrics } from "./metrics.ts";
import type { Reply, RoleRoute, ServiceRequest } from "./toolkit.ts";

export interface HandlerParts {
  readonly answers: Answers;
  readonly capacity: Capacity;
  readonly metrics: BackendMetrics;
  readonly warn: (message: string) => void;
  readonly costs: NonNullable<BackendConfig["costs"]>;
  readonly errors: BackendConfig["errors"];
  /** Decides which requests fail, where some do. */
  readonly failures: Random | undefined;
}

/** Handles one request on its route. `send` is called once with the answer; the returned function ends the work. */
export function handleRequest(
  { answers, capacity, metrics, warn, costs, errors, failures }: HandlerParts,
  route: RoleRoute,
  request: ServiceRequest,
  send: (answer: ServiceAnswer) => void,
): Cancel {
  let leave: Cancel | undefined;
  const reply: Reply = {
    answer(status, fields, setCookie) {
      metrics.answered(status);
      send(answers.json(status, request, fields, setCookie));
    },
    answerText(status, type, text) {
      metrics.answered(status);
      send(answers.signed(request, { status, type, setCookie: undefined, text }));
    },
    serve(work) {
      if (costs.length > 0) {
        const factor = costOf(costs, request.url)?.factor;
        if (factor !== undefined) work.factor = factor;
      }
      if (capacity.admit(work)) {
        leave = () => capacity.cancel(work);
        return;
      }
      warn("queue full, refused");
      if (work.refuse) work.refuse();
      else reply.answer(503, { error: "queue full" });
    },
  };
  if (errors && failures && failures.next() < errors.ratio) {
    const fail = (): void => reply.answer(errors.status ?? 500, { error: "internal error" });
    warn("internal error");
    if (errors.fast === true) fail();
    else reply.serve({ done: fail });
  } else route.handle(request, reply);
  return () => leave?.();
}

/** The longest path of these that the request's begins with. */
const costOf = (costs: NonNullable<BackendConfig["costs"]>, url: string) =>
  costs
    .filter(({ path }) => url.startsWith(path))
    .reduce<(typeof costs)[number] | undefined>(
      (longest, one) => (longest !== undefined && longest.path.length >= one.path.length ? longest : one),
      undefined,
    );
