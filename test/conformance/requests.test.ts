import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { rawClient } from "../support/clients.ts";
import { ENGINES } from "../../lb/transport/engines.ts";
import { REQUEST_BODIES } from "./cases/request-bodies.ts";
import type { PassedRequest, RequestCase } from "./cases/request-case.ts";
import { REQUEST_FIELDS } from "./cases/request-fields.ts";
import { REQUEST_LINES } from "./cases/request-lines.ts";
import { answersTo, createBed, settled, type Bed } from "./wire/bed.ts";

const NEXT = "GET /next HTTP/1.1\r\nHost: next\r\n\r\n";

describe.each(ENGINES)("requests over %s", (engine) => {
  let bed: Bed;
  beforeAll(async () => {
    bed = await createBed(engine);
  });
  afterAll(() => bed.close());
  beforeEach(() => bed.upstream.forget());

  /** The requests of this test's client at the upstream, and nothing that it should not have been sent. */
  async function reached() {
    await settled(bed);
    expect(bed.upstream.wrongs).toEqual([]);
    return bed.upstream.requests.filter(({ target }) => target !== "/settled");
  }

  const CHECKS = {
    async refused(bytes: string, { status }: { readonly status: number }) {
      const client = await rawClient(bed.lb.port);
      client.send(bytes + NEXT);
      const how = await client.closed;
      const { answers, wrong } = await answersTo(client, [bytes.startsWith("HEAD ") ? "HEAD" : "?"]);
      expect(wrong).toBeUndefined();
      expect(answers.map((answer) => answer.status)).toEqual([status]);
      expect(answers[0]?.fields).toEqual(
        expect.arrayContaining([
          ["connection", "close"],
          ["x-balancer-flag", "DR"],
        ]),
      );
      const names = answers[0]?.fields.map(([name]) => name);
      expect(names).toEqual(expect.arrayContaining(["date", "server", "x-request-id"]));
      // RFC 9110, 15.5.6.
      expect(names?.includes("allow")).toBe(status === 405);
      expect(how).toBe("ended");
      expect(await reached()).toEqual([]);
      expect(bed.upstream.unfinished).toEqual([]);
    },

    async answered(bytes: string, { status }: { readonly status: number }) {
      const client = await rawClient(bed.lb.port);
      client.send(bytes + NEXT);
      const { answers, wrong } = await answersTo(client, ["?", "GET"]);
      client.socket.destroy();
      expect(wrong).toBeUndefined();
      expect(answers.map((answer) => answer.status)).toEqual([status, 200]);
      expect(answers[0]?.fields).toContainEqual(["content-length", "0"]);
      expect((await reached()).map(({ target }) => target)).toEqual(["/next"]);
    },

    async broken(bytes: string) {
      const client = await rawClient(bed.lb.port);
      client.send(bytes + NEXT);
      await client.closed;
      const { answers, wrong } = await answersTo(client, ["?"]);
      expect(wrong).toBeUndefined();
      expect(answers.map(({ status }) => status)).toEqual([400]);
      expect(await reached()).toEqual([]);
    },

    async passed(bytes: string, { request }: { readonly request: PassedRequest }) {
      const { method, target, body, has, lacks, closes } = request;
      const client = await rawClient(bed.lb.port);
      client.send(bytes + NEXT);
      const expected = closes ? [method] : [method, "GET"];
      if (closes) await client.closed;
      const { answers, wrong } = await answersTo(client, expected);
      client.socket.destroy();
      expect(wrong).toBeUndefined();
      expect(answers.map(({ status }) => status)).toEqual(expected.map(() => 200));
      const seen = await reached();
      // Pipelined requests travel beside each other.
      const first = seen.find((request) => request.target === target);
      const others = seen.filter((request) => request !== first);
      expect(first).toMatchObject({ method, target, body, trailers: [] });
      const lines = first?.fields.map(([name, value]) => `${name}: ${value}`);
      expect(lines).toEqual(expect.arrayContaining([...has]));
      const names = first?.fields.map(([name]) => name);
      expect(names?.filter((name) => lacks.includes(name))).toEqual([]);
      expect(others.map(({ target, body }) => target + body)).toEqual(closes ? [] : ["/next"]);
    },
  };

  const check = ({ bytes, outcome }: RequestCase): Promise<void> => {
    switch (outcome.kind) {
      case "refused":
        return CHECKS.refused(bytes, outcome);
      case "answered":
        return CHECKS.answered(bytes, outcome);
      case "broken":
        return CHECKS.broken(bytes);
      case "passed":
        return CHECKS.passed(bytes, outcome);
    }
  };

  for (const [title, cases] of [
    ["lines and targets", REQUEST_LINES],
    ["fields", REQUEST_FIELDS],
    ["bodies", REQUEST_BODIES],
  ] as const)
    describe(title, () => {
      test.each(cases.map((one) => [one.rule, one.outcome.kind, one.what, one] as const))(
        "%s: %s: %s",
        (_rule, _kind, _what, one) => check(one),
      );
    });
});
