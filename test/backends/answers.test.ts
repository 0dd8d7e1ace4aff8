import { describe, expect, it } from "vitest";
import { createAnswers } from "../../backends/answers.ts";
import { parseBackendConfig } from "../../backends/config.ts";
import { classify } from "../../lab/probe/classify.ts";

const answers = createAnswers(
  parseBackendConfig({
    name: "web-1",
    role: "web",
    port: 9101,
    version: "4.2.0",
    seed: 7,
    capacity: { slots: 1, serviceMs: 1, queueLimit: 0 },
  }),
  undefined,
);

describe("an answer in JSON", () => {
  it.each([
    ["a page", { page: '/catalogue/"7"' }, "n-1"],
    ["an account", { user: "user-7" }, "n-1"],
    ["a login", { user: "user-7", session: "auth-1.x" }, 'a "nonce"'],
    ["an error", { error: "not signed in" }, "n-1"],
    ["nothing", {}, "n-1"],
    ["a request without a nonce", { rows: 1 }, undefined],
  ])("says as values what its text says: %s", (_, fields, nonce) => {
    const { text, said } = answers.json(200, { method: "GET", url: "/", nonce }, fields);
    expect({
      role: "web",
      version: "4.2.0",
      ...fields,
      backend: said?.backend,
      nonce: said?.nonce ?? null,
    }).toEqual(JSON.parse(text));
  });

  it.each(["page", "account", "login"] as const)(
    "is judged by its values as it is by its text, for the route %s",
    (route) => {
      for (const nonce of ["n-1", "n-2", undefined])
        for (const user of ["user-7", "user-8"])
          for (const status of [200, 401, 503])
            for (const isProved of [true, false]) {
              const { text, said } = answers.json(
                status,
                { method: "GET", url: "/", nonce },
                { user, ...(status === 200 && { session: "s" }) },
              );
              const judge = (given: typeof said) =>
                classify(
                  { route, nonce: "n-1", userName: "user-7" },
                  {
                    kind: "answer",
                    status,
                    flag: undefined,
                    body: text,
                    said: given,
                    proofs: { origin: undefined, way: undefined },
                  },
                  isProved,
                );
              expect(judge(said)).toEqual(judge(undefined));
            }
    },
  );
});

it("has no values beside a text that is no JSON", () => {
  const { said } = answers.text(200, { method: "GET", url: "/", nonce: "n" }, "text/html", "<p>");
  expect(said).toBeUndefined();
});
