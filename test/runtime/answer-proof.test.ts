import { describe, expect, it } from "vitest";
import { cheapSign } from "../../lab/world/simulated/cheap-sign.ts";
import { isProved, originProof, wayProof } from "../../runtime/answer-proof.ts";
import { hmacSign } from "../../runtime/hmac-sign.ts";

const request = { nonce: "n-1", method: "GET", target: "/basket", at: "127.0.0.1:8080" };
const answer = { status: 200, text: '{"backend":"web-1","nonce":"n-1","page":"/basket"}' };
const WEB_1 = "127.0.0.1:9101";

describe.each([
  ["HMAC", hmacSign],
  ["its substitute in virtual time", cheapSign],
])("%s", (_name, signer) => {
  const [origin, way, foreignProgram] = ["a", "b", "c"].map((secret) => signer(secret));
  if (!origin || !way || !foreignProgram) throw new Error("three keys");
  const keys = { origin, way };
  const given = {
    origin: originProof(origin, WEB_1, request, answer),
    way: wayProof(way, request.nonce, WEB_1, request.at),
  };

  it("proves an answer that a backend gave and the balancer carried", () => {
    expect(isProved(keys, request, answer, given)).toBe(true);
  });

  it.each<[string, Partial<typeof given> | { origin?: undefined; way?: undefined }]>([
    ["without the proof of any backend", { origin: undefined }],
    ["without the proof of the balancer: a relay past it", { way: undefined }],
    ["of a foreign process without the key", { origin: originProof(foreignProgram, WEB_1, request, answer) }],
    ["that a second balancer carried", { way: wayProof(foreignProgram, request.nonce, WEB_1, request.at) }],
    ["whose way is signed by a backend", { way: wayProof(origin, request.nonce, WEB_1, request.at) }],
    [
      "from another address than the backend's: a relay in place of an upstream",
      { way: wayProof(way, request.nonce, "127.0.0.1:9105", request.at) },
    ],
    [
      "that came in elsewhere: a relay in front of the balancer",
      { way: wayProof(way, request.nonce, WEB_1, "127.0.0.1:9119") },
    ],
    [
      "that came in at another address of this machine",
      { way: wayProof(way, request.nonce, WEB_1, "127.0.0.2:8080") },
    ],
    ["for another nonce", { origin: originProof(origin, WEB_1, { ...request, nonce: "n-2" }, answer) }],
    ["whose way is another's", { way: wayProof(way, "n-2", WEB_1, request.at) }],
    ["for another page", { origin: originProof(origin, WEB_1, { ...request, target: "/other" }, answer) }],
    ["for another method", { origin: originProof(origin, WEB_1, { ...request, method: "POST" }, answer) }],
    ["of another status", { origin: originProof(origin, WEB_1, request, { ...answer, status: 503 }) }],
    ["that is empty", { origin: "", way: "" }],
    ["that is a space", { origin: " ", way: " " }],
    ["that is no proof", { origin: WEB_1, way: `${WEB_1} ${request.at}` }],
  ])("refuses an answer %s", (_what, change) => {
    expect(isProved(keys, request, answer, { ...given, ...change })).toBe(false);
  });

  it("refuses an answer whose body was changed on its way", () => {
    expect(isProved(keys, request, { ...answer, text: `${answer.text} ` }, given)).toBe(false);
  });

  it("takes the same place for the same place, however it is written", () => {
    const written = (upstream: string, listener: string) => ({
      ...given,
      way: wayProof(way, request.nonce, upstream, listener),
    });
    expect(isProved(keys, request, answer, written("localhost:9101", "0.0.0.0:8080"))).toBe(true);
    expect(isProved(keys, request, answer, written(WEB_1, "[::]:8080"))).toBe(true);
    expect(isProved(keys, request, answer, written("localhost:9102", request.at))).toBe(false);
    expect(isProved(keys, request, answer, written(WEB_1, "0.0.0.0:8081"))).toBe(false);
  });

  it("of a direct call, the backend's own address has to be the one that was called", () => {
    const api = { ...request, at: WEB_1, direct: true };
    expect(isProved(keys, api, answer, { origin: given.origin, way: undefined })).toBe(true);
    const elsewhere = originProof(origin, "127.0.0.1:9109", request, answer);
    expect(isProved(keys, api, answer, { origin: elsewhere, way: undefined })).toBe(false);
  });
});

it("no two lists of parts have the same HMAC", () => {
  const sign = hmacSign("k");
  expect(sign(["a", "bc"])).not.toBe(sign(["ab", "c"]));
  expect(sign(["a", "b"])).not.toBe(sign(["a", "b", ""]));
  expect(sign(["1:a"])).not.toBe(sign(["1", "a"]));
});
