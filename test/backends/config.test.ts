import { expect, test } from "vitest";
import { parseBackendConfig } from "../../backends/config.ts";
import { CodedError } from "../../runtime/errors.ts";

const config = {
  name: "web-1",
  role: "web",
  port: 9101,
  version: "4.2.0",
  seed: 7,
  capacity: { slots: 4, serviceMs: 50, queueLimit: 40 },
};

test("a backend binds the loopback address unless configured otherwise", () => {
  expect(parseBackendConfig(config)).toEqual({ ...config, host: "127.0.0.1" });
});

test.each([
  ["a field it does not know", { ...config, colour: "red" }, "colour"],
  ["a field it does not know further in", { ...config, capacity: { ...config.capacity, slot: 1 } }, "slot"],
  ["no slots", { ...config, capacity: { ...config.capacity, slots: 0 } }, "capacity.slots"],
  ["a number as text", { ...config, port: "9101" }, "port"],
  ["a role nobody has", { ...config, role: "cache" }, "role"],
  ["a dependency without a port", { ...config, calls: { database: "http://127.0.0.1" } }, "calls.database"],
  ["a dependency with a path", { ...config, calls: { shop: "http://127.0.0.1:80/x" } }, "calls.shop"],
  ["an impossible port", { ...config, calls: { shop: "http://127.0.0.1:99999" } }, "calls.shop"],
])("a configuration with %s is refused by the field's name", (_what, raw, field) => {
  expect(() => parseBackendConfig(raw)).toThrow(CodedError);
  expect(() => parseBackendConfig(raw)).toThrow(field);
});
