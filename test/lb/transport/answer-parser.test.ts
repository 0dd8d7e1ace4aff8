import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createAnswerParser } from "../../../lb/transport/answer-parser.ts";
import { ANSWER_BODIES } from "../../conformance/cases/answer-bodies.ts";
import { ANSWER_HEADS } from "../../conformance/cases/answer-heads.ts";

/** All events of an answer whose bytes come in these pieces. */
function read(pieces: readonly string[], { toHead = false, ended = false } = {}) {
  const emitted: string[] = [];
  let body = "";
  const parser = createAnswerParser({
    inform: ({ status, headers }) => void emitted.push(`inform ${status} ${headers.join("|")}`),
    head: ({ status, reason, headers }) => void emitted.push(`head ${status} ${reason} ${headers.join("|")}`),
    body: (piece) => void (body += piece.toString("latin1")),
    end: (trailers, keepMs) => void emitted.push(`end ${trailers.join("|")} ${keepMs}`),
  });
  parser.begin(toHead);
  let fault: string | undefined;
  // One memory for all, as its connections have: nothing may be kept of it.
  const memory = Buffer.alloc(Math.max(1, ...pieces.map(({ length }) => length)));
  for (const piece of pieces) {
    memory.fill(0xff).write(piece, "latin1");
    fault ??= parser.push(memory, piece.length);
  }
  if (ended && fault === undefined) emitted.push(parser.finish() ? "finished" : "not finished");
  return { emitted, body, fault };
}

const OK = "HTTP/1.1 200 OK\r\n";
const endOf = (text: string) => read([text]).emitted.at(-1);

describe("the parser of answers", () => {
  test("emits each part once, in order", () => {
    const text = `HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n${OK}X-A:  b \r\nTransfer-Encoding: chunked\r\n\r\n3;x=1\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n`;
    expect(read([text])).toEqual({
      emitted: ["inform 103 Link|</a>", "head 200 OK X-A|b|Transfer-Encoding|chunked", "end X-T|1 undefined"],
      body: "abcde",
      fault: undefined,
    });
  });

  test("gives the same of the suite's answers however their bytes are cut up", () => {
    const cases = [...ANSWER_HEADS, ...ANSWER_BODIES].filter(({ bytes }) => bytes.length < 2000);
    for (const { bytes, method, ending, what } of cases) {
      const options = { toHead: method === "HEAD", ended: ending === "end" };
      const whole = read([bytes], options);
      // How much had come is what says whether a connection is as it should be; the rest is as it was.
      const emitted = ({ emitted, body, fault }: typeof whole) => ({
        emitted: emitted.map((one) => one.replace(/^end .*/, "end")),
        body,
        isAnswer: fault === undefined,
      });
      expect(emitted(read(bytes.split(""), options)), what).toEqual(emitted(whole));
      for (let at = 1; at < bytes.length; at++)
        expect(emitted(read([bytes.slice(0, at), bytes.slice(at)], options)), `${what}, at ${at}`).toEqual(
          emitted(whole),
        );
    }
  });

  test("reads chunks of any sizes, cut up anywhere, as what they hold", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 40 }), { maxLength: 8 }),
        fc.array(fc.nat(60), { maxLength: 20 }),
        (chunks, cuts) => {
          const text = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join("");
          let rest = `${OK}Transfer-Encoding: chunked\r\n\r\n${text}0\r\n\r\n`;
          const pieces = cuts.map((cut) => {
            const piece = rest.slice(0, cut);
            rest = rest.slice(cut);
            return piece;
          });
          const { body, fault, emitted } = read([...pieces, rest]);
          expect(fault).toBeUndefined();
          expect(body).toBe(chunks.join(""));
          expect(emitted).toHaveLength(2);
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });

  test.each([
    ["as long as we like, in HTTP/1.1", `${OK}Content-Length: 0\r\n\r\n`, "end  undefined"],
    ["as long as it says", `${OK}Keep-Alive: timeout=7\r\nContent-Length: 0\r\n\r\n`, "end  7000"],
    ["not at all when it closes", `${OK}Connection: x, Close\r\nContent-Length: 0\r\n\r\n`, "end  0"],
    [
      "not at all when a second field says so",
      `${OK}Connection: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      "end  0",
    ],
    ["not at all in HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", "end  0"],
    [
      "in HTTP/1.0 that asks for it",
      "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
      "end  undefined",
    ],
    ["not at all with bytes behind it", `${OK}Content-Length: 1\r\n\r\nab`, "end  0"],
    [
      "not at all when its trailers speak of it",
      `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\nConnection: x\r\n\r\n`,
      "end Connection|x 0",
    ],
  ])("a connection may idle then: %s", (_what, text, end) => expect(endOf(text)).toBe(end));

  test.each([
    ["a head without end", OK + "X-A: 1\r\n".repeat(3000)],
    ["a line without end", OK + "x".repeat(17_000)],
    ["trailers without end", `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n${"X-A: 1\r\n".repeat(3000)}`],
    ["an extension without end", `${OK}Transfer-Encoding: chunked\r\n\r\n1;${"x".repeat(17_000)}`],
    [
      "extensions without end",
      `${OK}Transfer-Encoding: chunked\r\n\r\n${`1;${"x".repeat(100)}\r\na\r\n`.repeat(200)}`,
    ],
    ["interim answers without end", "HTTP/1.1 102 P\r\n\r\n".repeat(200)],
    ["a chunk beyond what can be counted", `${OK}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n`],
  ])("bounds %s", (_what, text) => {
    expect(read([text]).fault).toBeDefined();
    expect(read(text.split("")).fault).toBeDefined();
  });

  test("says of what is no answer that it is none before its line has ended", () => {
    expect(read(["SSH-2.0"]).fault).toBe("no HTTP");
    expect(read(["HT", "TQ"]).fault).toBe("no HTTP");
    expect(read(["HT", "TP/1.1 2"]).fault).toBeUndefined();
  });

  test("is done with an end only where that ends the body", () => {
    expect(read([`${OK}\r\nab`], { ended: true }).emitted.slice(1)).toEqual(["end  0", "finished"]);
    expect(read([`${OK}Content-Length: 3\r\n\r\nab`], { ended: true }).emitted).toContain("not finished");
    expect(read([], { ended: true }).emitted).toEqual(["not finished"]);
  });

  test("emits nothing any more once it is stopped, not even of bytes that it has", () => {
    const emitted: string[] = [];
    const parser = createAnswerParser({
      inform() {},
      head() {
        parser.stop();
      },
      body: () => void emitted.push("body"),
      end: () => void emitted.push("end"),
    });
    parser.begin(false);
    const bytes = Buffer.from(`${OK}Content-Length: 2\r\n\r\nok`);
    expect(parser.push(bytes, bytes.length)).toBeUndefined();
    expect(emitted).toEqual([]);
  });
});
