import type { RequestRecord } from "../balancer.ts";
import type { Exchange, GoneWhy } from "../exchange.ts";
import { FAILURES } from "../outcome.ts";
import { answerPing } from "./own-answer.ts";
import { RequestInFlight, type ProxyDeps, type Terms } from "./request-in-flight.ts";
import { RoutedRequest, type RoutedTerms } from "./routed-request.ts";

/**
 * Carries one exchange from its head to its one outcome: finds an upstream, sends, retries, relays, or answers in the
 * balancer's own name. Whichever way it ends, `finished` is called once, and then the place in flight is given back.
 */
export function forward<X extends Exchange>(
  exchange: X,
  terms: Terms,
  deps: ProxyDeps<X>,
  finished: (record: RequestRecord) => void,
): void {
  const routed = isRouted(terms) ? new RoutedRequest(exchange, terms, deps, finished) : undefined;
  const request = routed ?? new RequestInFlight(exchange, terms, deps, finished);
  exchange.onClientGone((why) => clientGone(request, why));
  if (request.done) return;
  if (terms.forwarding.refuses(exchange)) request.fail("ambiguousField");
  else if (routed) routed.start();
  else if (exchange.head.target === "*") answerForServer(request);
  else request.fail("noRoute");
}

const isRouted = (terms: Terms): terms is RoutedTerms => terms.pool !== undefined;

function clientGone(request: RequestInFlight<Exchange>, why: GoneWhy | undefined): void {
  if (request.done) return;
  request.abandon("client-left");
  if (why === "malformed") return request.fail("malformedBody");
  const { started } = request.exchange;
  if (why === "slow") return request.fail(started ? "slowBodyMidAnswer" : "slowBody");
  if (started) request.concludeCut("clientLeftMidBody");
  else request.conclude({ ...FAILURES.clientLeft, origin: "balancer" });
}

/** A request for no resource, and so for no pool. */
function answerForServer(request: RequestInFlight<Exchange>): void {
  request.done = true;
  answerPing(request.exchange, request.requestId);
  request.conclude({ status: 200, flag: "-", state: "LR", reason: undefined, origin: "balancer" });
}
