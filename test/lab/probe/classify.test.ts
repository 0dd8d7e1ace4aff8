import { describe, expect, it } from "vitest";
import { classify } from "../../../lab/probe/classify.ts";
import type { ProbeRoute } from "../../../lab/probe/record.ts";

const true200 = { backend: "web-1", nonce: "n-1" };

const NO_PROOFS = { origin: undefined, way: undefined };

function judged(route: ProbeRoute, status: number, body: unknown, flag?: string, isProved = true) {
  const source = typeof body === "string" ? body : JSON.stringify(body);
  return classify(
    { route, nonce: "n-1", userName: "user-7" },
    { kind: "answer", status, flag, body: source, proofs: NO_PROOFS },
    isProved,
  );
}

describe("a page", () => {
  it.each([
    ["is ok with a backend's name and the nonce", 200, true200, "ok"],
    ["is wrong with another nonce", 200, { backend: "web-1", nonce: "n-2" }, "wrong"],
    ["is wrong without a nonce", 200, { backend: "web-1" }, "wrong"],
    ["is wrong without a backend", 200, { nonce: "n-1" }, "wrong"],
    ["is wrong with a backend that is no name", 200, { backend: 3, nonce: "n-1" }, "wrong"],
    ["is wrong with an empty name", 200, { backend: "", nonce: "n-1" }, "wrong"],
    ["is wrong when it is no JSON", 200, "<h1>It works!</h1>", "wrong"],
    ["is wrong when it is no object", 200, "null", "wrong"],
    ["is wrong when it is empty", 200, "", "wrong"],
    ["is wrong when it breaks off", 200, '{"backend":"web-1","nonce":"n-1"', "wrong"],
    ["is wrong when it is a list of the right thing", 200, [true200], "wrong"],
    ["is ok with space around it", 200, `\n  ${JSON.stringify(true200)}\n`, "ok"],
    ["fails by status with a 503", 503, true200, "status"],
    ["fails by status with a 500 of a foreign process", 500, "oops", "status"],
    ["fails by status with a 404", 404, true200, "status"],
    ["fails by status with a redirect", 302, true200, "status"],
    ["fails by status with an empty success", 204, "", "status"],
    ["fails by status with a 401, which no page owes", 401, true200, "status"],
  ] as const)("%s", (_, status, body, result) => {
    expect(judged("page", status, body).result).toBe(result);
  });
});

describe("an account", () => {
  it.each([
    ["is ok when it is this user's", 200, { ...true200, user: "user-7" }, "ok"],
    ["is wrong when it is another's", 200, { ...true200, user: "user-8" }, "wrong"],
    ["is wrong when it names no user", 200, true200, "wrong"],
    ["is ok when a backend says that the session is over", 401, true200, "ok"],
    ["fails on a foreign process's 401", 401, { error: "unauthorized" }, "status"],
    ["fails by status with a 503", 503, { ...true200, user: "user-7" }, "status"],
  ] as const)("%s", (_, status, body, result) => {
    expect(judged("account", status, body).result).toBe(result);
  });
});

describe("a login", () => {
  it.each([
    ["is ok with a session for this user", 200, { ...true200, user: "user-7", session: "auth-1.x" }, "ok"],
    ["is wrong without a session", 200, { ...true200, user: "user-7" }, "wrong"],
    ["is wrong for another user", 200, { ...true200, user: "user-8", session: "auth-1.x" }, "wrong"],
    ["fails by status with a 401", 401, true200, "status"],
  ] as const)("%s", (_, status, body, result) => {
    expect(judged("login", status, body).result).toBe(result);
  });
});

describe("what is not proved", () => {
  const unproved = (route: ProbeRoute, status: number, body: unknown) =>
    judged(route, status, body, undefined, false);

  it.each([
    ["page", true200],
    ["api", true200],
    ["account", { ...true200, user: "user-7" }],
    ["login", { ...true200, user: "user-7", session: "auth-1.x" }],
  ] as const)("is no answer to a %s, however true it looks, and no backend's", (route, body) => {
    expect(unproved(route, 200, body)).toMatchObject({ result: "unproved", backend: undefined });
  });

  it("ends no session, and is no backend's failure", () => {
    expect(unproved("account", 401, true200)).toMatchObject({ result: "status", backend: undefined });
    expect(unproved("page", 503, { backend: "web-2" })).toMatchObject({
      result: "status",
      backend: undefined,
    });
  });
});

describe("a record", () => {
  it.each(["refused", "cut", "timeout"] as const)("says %s when there was no answer", (kind) => {
    expect(classify({ route: "page", nonce: "n-1", userName: "user-7" }, { kind }, false)).toMatchObject({
      result: kind,
      status: undefined,
      backend: undefined,
    });
  });

  it("keeps the status, the balancer's flag, and the backend that failed", () => {
    expect(judged("page", 503, "", "UO")).toMatchObject({ status: 503, flag: "UO", backend: undefined });
    expect(judged("page", 503, { backend: "web-2" })).toMatchObject({ flag: undefined, backend: "web-2" });
  });
});
