import type { Random } from "../../runtime/random.ts";

/** What has broken parsers, and what makes them read on elsewhere. */
const WORDS = [
  ..."\0 \r \n \t \v \x7f \x80 \xff : ; , - + . # ? @ [ ] % \" ' = / \\".split(" "),
  " ",
  "\r\n",
  "\r\n\r\n",
  "\n\n",
  "\r\n ",
  "0\r\n\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Transfer-Encoding: gzip, chunked\r\n",
  "Transfer-Encoding : chunked\r\n",
  "Content-Length: 0\r\n",
  "Content-Length: 5\r\n",
  "Content-Length: 99999999999999999999\r\n",
  "Connection: close\r\n",
  "Connection: Upgrade\r\nUpgrade: websocket\r\n",
  "Connection: content-length, transfer-encoding\r\n",
  "Expect: 100-continue\r\n",
  "Host: b\r\n",
  "Trailer: X-Sum\r\n",
  "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n",
  "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison",
  "HTTP/1.1 100 Continue\r\n\r\n",
  "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
  "HTTP/1.0",
  "HTTP/1.1",
  "HTTP/2.0",
  "HEAD",
  "CONNECT",
  "__proto__: 1\r\n",
  "ffffffffffffffff",
];

/** Between one and six changes of `text`, some of which take a piece of one of the `others`. */
export function mutate(text: string, others: readonly string[], random: Random): string {
  let out = text;
  for (let left = 1 + random.below(6); left > 0; left--) out = once(out, others, random);
  return out;
}

function once(text: string, others: readonly string[], random: Random): string {
  const at = random.below(text.length + 1);
  const length = 1 + random.below(8);
  const [before, after] = [text.slice(0, at), text.slice(at)];
  const other = others[random.below(others.length)] ?? "";
  switch (random.below(12)) {
    case 0:
      return before + String.fromCharCode(random.below(256)) + after.slice(1);
    case 1:
      return before + (WORDS[random.below(WORDS.length)] ?? "") + after;
    case 2:
      return before + (WORDS[random.below(WORDS.length)] ?? "") + after.slice(length);
    case 3:
      return before + after.slice(length);
    case 4:
      return before + after.slice(0, length * 4) + after;
    case 5:
      return before;
    case 6:
      return text + other;
    case 7:
      return before + other.slice(random.below(other.length + 1));
    case 8:
      return onLines(text, (lines) => void lines.splice(random.below(lines.length), 1));
    case 9:
      return onLines(text, (lines) => {
        const line = lines[random.below(lines.length)] ?? "";
        lines.splice(random.below(lines.length + 1), 0, line);
      });
    case 10: {
      const by = [-1, 1, 10][random.below(3)] ?? 1;
      return before + after.replace(/\d+/, (digits) => String(Number(digits.slice(0, 15)) + by));
    }
    default:
      return before + after.replace(/\r\n/, random.below(2) === 0 ? "\n" : "\r");
  }
}

function onLines(text: string, edit: (lines: string[]) => void): string {
  const lines = text.split("\r\n");
  edit(lines);
  return lines.join("\r\n");
}
