import type { Random } from "../../runtime/random.ts";

/** A configuration that uses nearly every field, as what mutations begin with. */
export const RICH_CONFIG = `listeners:
  - name: public
    bind: 127.0.0.1:8080
    routes:
      - host: Shop.test
        path: /login
        pool: auth
        headers:
          request: { remove: [Authorization], set: { X-Team: shop }, add: { X-Trace: "1" } }
          response: { set: { Cache-Control: "no-store, private" } }
      - { path: /, pool: web }
  - { name: second, bind: "[::1]:8081", routes: [{ path: /api/v1, pool: web }] }
pools:
  auth:
    policy: { type: least-connections }
    outlier: { consecutive5xx: 5, ejectionSeconds: 30, maxEjectedPercent: 10 }
    upstreams:
      - { name: auth-1, address: "127.0.0.1:9201", weight: 3, maxConnections: 10 }
      - &second { name: auth-2, address: "127.0.0.1:9202", state: drain }
  web:
    policy: { type: ring-hash, key: "cookie:user" }
    sticky: { cookie: lb, ttlSeconds: 600 }
    health: { path: /healthz, intervalMs: 2000, timeoutMs: 1000, fall: 3, rise: 2, status: 200-399 }
    queue: { limit: 128, timeoutMs: 2000 }
    retry: { attempts: 1, on: [connect-failure], budgetPercent: 20, redispatch: false }
    timeouts: { connectMs: 2000, responseMs: 10000 }
    slowStartMs: 0
    allDown: refuse
    upstreams:
      - { name: web-1, address: "127.0.0.1:9101" }
      - *second
engine: undici
timeouts: { connectMs: 2000, responseMs: 10000, clientHeadMs: 15000, idleMs: 30000 }
trustedProxies: [10.0.0.0/8, "::1"]
accessLog: { path: access.log, format: json }
admin: { bind: "127.0.0.1:8404" }
`;

/** Put in place of words and between them: what has broken parsers, and what people mistype. */
const WORDS = [
  ..."null ~ true yes -1 0 1e999 .inf .nan 0x7f 0o17 99999999999999999999 2026-02-06 '' \"\" {} [] [[]] {a: b}".split(
    " ",
  ),
  ..."__proto__ constructor toString <<: *second *nobody &second !!js/function !!binary !<x> %YAML --- ... ? | > | - # ,".split(
    " ",
  ),
  "9".repeat(400),
  "a".repeat(70_000),
  "[".repeat(500),
  "{a: ".repeat(100),
  "- ".repeat(300),
  "\u0000",
  "\u0085",
  "\u2028",
  "\uFEFF",
  "\uD800",
  "\t",
  "\r",
  "\r\n\r\n",
  "\u001b[31m",
  "\u{1F600}",
];

type Mutate = (text: string, random: Random) => string;

const MUTATIONS: readonly Mutate[] = [
  // Something is lost.
  (text, random) => cut(text, random, 1 + random.below(3)),
  (text, random) => cut(text, random, 1 + random.below(200)),
  (text, random) => text.slice(0, random.below(text.length + 1)),
  onLines((lines, random) => lines.toSpliced(random.below(lines.length), 1)),
  // Something comes twice, or elsewhere.
  onLines((lines, random) => {
    const from = random.below(lines.length);
    return lines.toSpliced(random.below(lines.length), 0, ...lines.slice(from, from + 1 + random.below(5)));
  }),
  onLines((lines, random) => {
    const [moved = ""] = lines.splice(random.below(lines.length), 1);
    return lines.toSpliced(random.below(lines.length), 0, moved);
  }),
  (text, random) => {
    const at = random.below(text.length + 1);
    return text.slice(0, at) + text.slice(random.below(text.length + 1)) + text.slice(at);
  },
  // Something is there that should not be.
  (text, random) => put(text, random, pick(WORDS, random)),
  (text, random) => put(text, random, String.fromCharCode(random.below(0x100))),
  (text, random) => put(text, random, String.fromCharCode(random.below(0x1_0000))),
  (text, random) => replaceWord(text, random, () => pick(WORDS, random)),
  (text, random) => replaceWord(text, random, (word) => word + pick(WORDS, random)),
  (text, random) => replaceWord(text, random, (word) => word.split("").toReversed().join("")),
  (text, random) => replaceWord(text, random, () => pick(text.match(WORD) ?? [""], random)),
  // Something is further in, or further out.
  onLines((lines, random) => {
    const at = random.below(lines.length);
    return lines.with(at, " ".repeat(random.below(12)) + (lines[at] ?? "").trimStart());
  }),
];

const WORD = /[^\s,{}[\]"']+/g;

/** A text that differs from `text` in one to four ways. The same random gives the same text. */
export function mutate(text: string, random: Random): string {
  let mutated = text;
  for (let left = 1 + random.below(4); left > 0; left--) mutated = pick(MUTATIONS, random)(mutated, random);
  return mutated;
}

function onLines(change: (lines: string[], random: Random) => string[]): Mutate {
  return (text, random) => change(text.split("\n"), random).join("\n");
}

function cut(text: string, random: Random, length: number): string {
  const at = random.below(text.length + 1);
  return text.slice(0, at) + text.slice(at + length);
}

function put(text: string, random: Random, piece: string): string {
  const at = random.below(text.length + 1);
  return text.slice(0, at) + piece + text.slice(at);
}

function replaceWord(text: string, random: Random, by: (word: string) => string): string {
  const words = [...text.matchAll(WORD)];
  const word = words[random.below(Math.max(1, words.length))];
  if (!word) return text;
  return text.slice(0, word.index) + by(word[0]) + text.slice(word.index + word[0].length);
}

function pick<T>(from: readonly T[], random: Random): T {
  const found = from[random.below(from.length)];
  if (found === undefined) throw new RangeError("nothing to pick from");
  return found;
}
