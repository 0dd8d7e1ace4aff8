import type { Random } from "../runtime/random.ts";
import type { Answers, ServiceAnswer } from "./answers.ts";
import type { Capacity } from "./capacity.ts";
import type { BackendConfig } from "./config.ts";
import type { BackendMetrics } from "./metrics.ts";
import type { Fields, Reply, RoleRoute, ServiceRequest, Work } from "./toolkit.ts";

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

/** A request that is handled. */
export interface Handled {
  /** Ends the work. To be called when the client has left, however late. */
  leave(): void;
}

/** Handles one request on its route. `send` is called once with the answer. */
export function handleRequest(
  parts: HandlerParts,
  route: RoleRoute,
  request: ServiceRequest,
  send: (answer: ServiceAnswer) => void,
): Handled {
  const { warn, errors, failures } = parts;
  const reply = new PendingReply(parts, request, send);
  if (errors && failures && failures.next() < errors.ratio) {
    const fail = (): void => reply.answer(errors.status ?? 500, { error: "internal error" });
    warn("internal error");
    if (errors.fast === true) fail();
    else reply.serve({ done: fail });
  } else route.handle(request, reply);
  return reply;
}

/** A class: every request has one. */
class PendingReply implements Reply, Handled {
  private readonly parts: HandlerParts;
  private readonly request: ServiceRequest;
  private readonly send: (answer: ServiceAnswer) => void;
  private work: Work | undefined = undefined;

  constructor(parts: HandlerParts, request: ServiceRequest, send: (answer: ServiceAnswer) => void) {
    this.parts = parts;
    this.request = request;
    this.send = send;
  }

  answer(status: number, fields: Fields, setCookie?: string): void {
    const { answers, metrics } = this.parts;
    metrics.answered(status);
    this.send(answers.json(status, this.request, fields, setCookie));
  }

  answerText(status: number, type: string, text: string): void {
    const { answers, metrics } = this.parts;
    metrics.answered(status);
    this.send(answers.text(status, this.request, type, text));
  }

  serve(work: Work): void {
    const { costs, capacity, warn } = this.parts;
    if (costs.length > 0) {
      const factor = costOf(costs, this.request.url)?.factor;
      if (factor !== undefined) work.factor = factor;
    }
    if (capacity.admit(work)) {
      this.work = work;
      return;
    }
    warn("queue full, refused");
    if (work.refuse) work.refuse();
    else this.answer(503, { error: "queue full" });
  }

  leave(): void {
    if (this.work) this.parts.capacity.cancel(this.work);
  }
}

/** The longest path of these that the request's begins with. */
const costOf = (costs: NonNullable<BackendConfig["costs"]>, url: string) =>
  costs
    .filter(({ path }) => url.startsWith(path))
    .reduce<(typeof costs)[number] | undefined>(
      (longest, one) => (longest !== undefined && longest.path.length >= one.path.length ? longest : one),
      undefined,
    );
