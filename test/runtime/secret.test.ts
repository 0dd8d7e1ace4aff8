import { inspect } from "node:util";
import { pino } from "pino";
import { expect, it } from "vitest";
import { Secret } from "../../runtime/secret.ts";

const TEXT = "hooks/T00/s3cret";
const secret = new Secret(TEXT);

it("a secret is read only through its named method", () => {
  expect(secret.reveal()).toBe(TEXT);
});

it.each([
  ["as text", () => `${String(secret)} ${secret.toString()}`],
  ["in a template", () => `to ${secret as unknown as string}`],
  ["as JSON", () => JSON.stringify({ target: { url: secret } })],
  ["in a console", () => inspect({ target: { url: secret } }, { depth: 9, showHidden: true })],
  ["by its fields", () => JSON.stringify([Object.entries(secret), Object.assign({}, secret)])],
  ["in an error", () => String(new Error(`cannot post to ${String(secret)}`).stack)],
  [
    "in a log",
    () => {
      let line = "";
      pino({}, { write: (text: string) => (line += text) }).info({ secret, url: { secret } }, "posted");
      return line;
    },
  ],
])("a secret is not shown %s", (_how, show) => {
  const shown = show();
  expect(shown).not.toContain("s3cret");
});
