import { ANSWER_BODIES } from "../conformance/cases/answer-bodies.ts";
import { ANSWER_HEADS } from "../conformance/cases/answer-heads.ts";
import { REQUEST_BODIES } from "../conformance/cases/request-bodies.ts";
import { REQUEST_FIELDS } from "../conformance/cases/request-fields.ts";
import { REQUEST_LINES } from "../conformance/cases/request-lines.ts";
import type { Random } from "../../runtime/random.ts";
import { mutate } from "./mutate.ts";

/** What one iteration puts on the wire. Text is latin1: a byte a character. */
export type FuzzInput =
  /** A client sends `bytes` in as many pieces as `cuts` make. */
  | {
      readonly from: "client";
      readonly bytes: string;
      readonly cuts: readonly number[];
      readonly ending: Ending;
    }
  /** An upstream answers a well-formed request of this method and version with `bytes`. */
  | {
      readonly from: "upstream";
      readonly method: string;
      readonly version: "1.0" | "1.1";
      readonly bytes: string;
      readonly ending: Ending;
    };

/** What the sender does with its connection once everything is sent. */
export type Ending = "keep" | "end" | "reset";

const UPGRADES = [
  "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
  "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x85\x01\x02\x03\x04early",
];

/** Larger ones only test how large a head may be, and mutations of them cost the most. */
const MAX_BYTES = 4000;
const REQUESTS: readonly string[] = [
  ...[...REQUEST_LINES, ...REQUEST_FIELDS, ...REQUEST_BODIES].map(({ bytes }) => bytes),
  ...UPGRADES,
].filter(({ length }) => length <= MAX_BYTES);
const ANSWERS = [...ANSWER_HEADS, ...ANSWER_BODIES].filter(({ bytes }) => bytes.length <= MAX_BYTES);

const ENDINGS: readonly Ending[] = ["keep", "keep", "end", "reset"];

/** The input of one iteration, by its own random stream; requests are marked with `mark` where they have a Host. */
export function inputFor(random: Random, mark: string): FuzzInput {
  const pick = <T>(list: readonly T[], otherwise: T): T => list[random.below(list.length)] ?? otherwise;
  const ending = pick(ENDINGS, "keep");
  if (random.below(3) === 0) {
    const one = pick(ANSWERS, ANSWERS[0]);
    const others = ANSWERS.map(({ bytes }) => bytes);
    const { method = "GET", version = "1.1", bytes = "" } = one ?? {};
    return { from: "upstream", method, version, bytes: mutate(bytes, others, random), ending };
  }
  const marked = REQUESTS.map((bytes) => bytes.replaceAll("Host: a\r\n", `Host: a\r\nX-Fuzz: ${mark}\r\n`));
  const bytes = mutate(pick(marked, ""), marked, random);
  const cuts = Array.from({ length: random.below(4) }, () => random.below(bytes.length + 1));
  return { from: "client", bytes, cuts: cuts.sort((a, b) => a - b), ending };
}
