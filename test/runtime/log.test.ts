import fc from "fast-check";
import { expect, it } from "vitest";
import { createMemoryLog, type Log } from "../../runtime/log.ts";
import { createLogOn } from "../../runtime/process-log.ts";
import { LOG_LEVELS } from "../../runtime/log-level.ts";

const AT = Date.UTC(2026, 0, 1, 12);
const value = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.constant(undefined),
  fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
  fc.array(fc.integer(), { maxLength: 3 }),
);
const line = fc.record({
  method: fc.constantFrom(...LOG_LEVELS, "fatal" as const),
  fields: fc.option(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), value, { maxKeys: 4 })),
  message: fc.string({ unit: "binary" }).map((text) => text.replaceAll("%", "")),
});

function pair(name: string): { readonly logs: readonly Log[]; readonly lines: readonly string[][] } {
  const lines: string[][] = [[], []];
  const time = (): string => `,"time":"${new Date(AT).toISOString()}"`;
  return {
    lines,
    logs: [
      createMemoryLog((text) => lines[0]?.push(text), name, { wall: () => AT }),
      createLogOn({ write: (text) => void lines[1]?.push(text.trimEnd()) }, name, time),
    ],
  };
}

it("a log in memory writes what pino writes, whatever its level", () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.constantFrom(...LOG_LEVELS, "silent"),
      fc.array(line, { maxLength: 10 }),
      (name, level, wanted) => {
        const { logs, lines } = pair(name);
        for (const log of logs) {
          log.level = level;
          for (const { method, fields, message } of wanted)
            if (fields === null) log[method](message);
            else log[method](fields, message);
        }
        expect(lines[0]).toEqual(lines[1]);
      },
    ),
  );
});
