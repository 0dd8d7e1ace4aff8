import { describe, expect, it } from "vitest";
import type { RequestHead } from "../../../lb/exchange.ts";
import { mayResend, mayRetry, type RetryFacts } from "../../../lb/request/retry-rule.ts";
import type { AttemptFailure } from "../../../lb/request/attempt.ts";

const head = (more: Partial<RequestHead> = {}): RequestHead => ({
  method: "GET",
  target: "/",
  host: "shop.test",
  headers: [],
  peer: "192.0.2.1",
  hasBody: false,
  ...more,
});
const reset: RetryFacts = { condition: "reset", requestSent: true, bodyConsumed: false };
const may = (request: Partial<RequestHead>, facts: Partial<RetryFacts> = {}) =>
  mayRetry({ on: ["reset"] }, head(request), { ...reset, ...facts });

describe("a request that may have been carried out", () => {
  it.each(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])("may be tried again as %s", (method) => {
    expect(may({ method })).toBe(true);
  });

  it.each(["POST", "PATCH", "CONNECT", "TRACE", "get", "PURCHASE"])("may not as %s", (method) => {
    expect(may({ method })).toBe(false);
  });

  it("may not with a body, or when it asks for another protocol", () => {
    expect(may({ method: "PUT", hasBody: true })).toBe(false);
    expect(may({ upgrade: "websocket" })).toBe(false);
  });
});

describe("a request of which nothing was sent", () => {
  it("may be tried again whatever it is, as long as its body is whole", () => {
    const unsent = { requestSent: false };
    expect(may({ method: "POST", hasBody: true }, unsent)).toBe(true);
    expect(may({ upgrade: "websocket" }, unsent)).toBe(true);
    expect(may({ method: "POST", hasBody: true }, { ...unsent, bodyConsumed: true })).toBe(false);
  });
});

it("a failure is retried only under a setting that is on", () => {
  expect(may({}, { condition: "connect-failure", requestSent: false })).toBe(false);
  expect(may({}, { condition: undefined, requestSent: false })).toBe(false);
});

describe("a request on a kept connection that was closed meanwhile", () => {
  const stale: AttemptFailure = {
    result: "reset",
    answer: "exhausted",
    condition: undefined,
    requestSent: true,
    bodyConsumed: false,
    staleConnection: true,
  };

  it("is sent again whatever the settings when it may be repeated, also with a body that is still whole", () => {
    expect(mayResend(head(), stale)).toBe(true);
    expect(mayResend(head({ method: "PUT", hasBody: true }), stale)).toBe(true);
  });

  it("is not when it may not, when its body is gone, or when it asks for another protocol", () => {
    expect(mayResend(head({ method: "POST" }), stale)).toBe(false);
    expect(mayResend(head(), { ...stale, bodyConsumed: true })).toBe(false);
    expect(mayResend(head({ upgrade: "websocket" }), stale)).toBe(false);
    expect(mayResend(head(), { ...stale, staleConnection: false })).toBe(false);
  });
});
