import { describe, expect, it } from "vitest";
import { createProving } from "../../../lab/probe/proving.ts";
import { originProof, wayProof } from "../../../runtime/answer-proof.ts";
import { hmacSign } from "../../../runtime/hmac-sign.ts";

const [origin, way] = [hmacSign("a"), hmacSign("b")];
const answer = { status: 200, text: "{}" };
const WEB_1 = "127.0.0.1:9101";

/** An answer to `GET /` that this backend gave, carried by the balancer from there to this listener. */
const carried = (listener: string, backend = WEB_1) => ({
  kind: "answer" as const,
  status: answer.status,
  body: answer.text,
  flag: undefined,
  proofs: {
    origin: originProof(origin, backend, { nonce: "n", method: "GET", target: "/" }, answer),
    way: wayProof(way, "n", backend, listener),
  },
});
const get = (to: "service" | "api") => ({ to, method: "GET", path: "/" }) as const;
const proving = (target: string, api?: string) => {
  const made = createProving(
    { target, ...(api === undefined ? {} : { api: { target: api, perSecond: 1 } }) },
    { origin, way },
  );
  if (!made) throw new Error("with both keys there is a proof");
  return made;
};

describe("what proves an answer to the prober", () => {
  it("is that it came through the listener that was called, on port 80 where its address names none", () => {
    const { isProved } = proving("http://127.0.0.1:8080");
    expect(isProved(get("service"), "n", carried("127.0.0.1:8080"))).toBe(true);
    expect(isProved(get("service"), "n", carried("127.0.0.1:8081"))).toBe(false);
    const bare = proving("http://127.0.0.1");
    expect(bare.isProved(get("service"), "n", carried("127.0.0.1:80"))).toBe(true);
    expect(bare.isProved(get("service"), "n", carried("127.0.0.1:8080"))).toBe(false);
  });

  it("is, of the dependent API, that the backend itself was called, where it has an address of its own or not", () => {
    const apart = proving("http://127.0.0.1:8080", `http://${WEB_1}`);
    expect(apart.isProved(get("api"), "n", carried("127.0.0.1:8080"))).toBe(true);
    expect(apart.isProved(get("api"), "n", carried("127.0.0.1:8080", "127.0.0.1:9102"))).toBe(false);
    expect(proving(`http://${WEB_1}`).isProved(get("api"), "n", carried("elsewhere:1"))).toBe(true);
  });

  it("is never there where no answer came", () => {
    expect(proving("http://127.0.0.1:8080").isProved(get("service"), "n", { kind: "timeout" })).toBe(false);
  });
});

it.each([{ origin }, { way }, {}])("without both keys nothing can be proved", (keys) => {
  expect(createProving({ target: "http://127.0.0.1:1" }, keys)).toBeUndefined();
});
