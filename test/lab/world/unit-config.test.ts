import { expect, test } from "vitest";
import { changeConfig, shownConfig, type UnitConfig } from "../../../lab/world/unit-config.ts";

const CONFIG: UnitConfig = {
  port: 9101,
  role: "web",
  verbose: false,
  capacity: { queueLimit: 40, crash: null },
  peers: [{ port: 1 }, { port: 2 }],
};

test.each([
  [{ port: "9102" }, { ...CONFIG, port: 9102 }],
  [{ port: 9102 }, { ...CONFIG, port: 9102 }],
  [{ role: "9102" }, { ...CONFIG, role: "9102" }],
  [{ verbose: "true" }, { ...CONFIG, verbose: true }],
  [{ "capacity.queueLimit": "0.5" }, { ...CONFIG, capacity: { queueLimit: 0.5, crash: null } }],
  [{ "capacity.crash": "now" }, { ...CONFIG, capacity: { queueLimit: 40, crash: "now" } }],
  [{ "peers.1.port": "3" }, { ...CONFIG, peers: [{ port: 1 }, { port: 3 }] }],
  [{ peers: "[]" }, { ...CONFIG, peers: [] }],
])("%j is read as the type already there", (change, config) => {
  expect(changeConfig(CONFIG, change)).toMatchObject({ ok: true, config });
});

test.each([
  [{ prot: "1" }, "unknown setting prot; there is port, role, verbose, capacity, peers"],
  [{ "capacity.limit": "1" }, "unknown setting capacity.limit; there is queueLimit, crash"],
  [{ "port.high": "1" }, "unknown setting port.high"],
  [{ "peers.length": "0" }, "unknown setting peers.length"],
  [{ "peers.2.port": "0" }, "unknown setting peers.2.port"],
  [{ "constructor.name": "x" }, "unknown setting constructor.name"],
  [{ "__proto__.polluted": "1" }, "unknown setting __proto__.polluted"],
  [{ port: "many" }, "port must be a number, as it is now"],
  [{ port: "" }, "port must be a number, as it is now"],
  [{ port: "1e999" }, "port must be a number, as it is now"],
  [{ port: "true" }, "port must be a number, as it is now"],
  [{ role: 5 }, "role must be text, as it is now"],
  [{ verbose: "yes" }, "verbose must be true or false, as it is now"],
  [{ capacity: "[]" }, "capacity must be an object, as it is now"],
])("%j is refused", (change, message) => {
  expect(changeConfig(CONFIG, change as Record<string, string>)).toEqual({ ok: false, message });
});

test("one wrong setting among right ones changes nothing", () => {
  expect(changeConfig(CONFIG, { port: 1, nonsense: 2 }).ok).toBe(false);
  expect(CONFIG["port"]).toBe(9101);
});

test("a change is undone by the values that it replaced, also where its paths overlap", () => {
  const changed = changeConfig(CONFIG, { "capacity.queueLimit": 1, capacity: { queueLimit: 2 } });
  if (!changed.ok) throw new Error(changed.message);
  expect(changed.config["capacity"]).toEqual({ queueLimit: 2 });
  expect(changeConfig(changed.config, changed.previous)).toMatchObject({ ok: true, config: CONFIG });
});

test("people see a unit's settings, and not its program's internals", () => {
  const inner = { errors: { ratio: 1 }, costs: [], releases: { "4.3.0": { serviceMs: 400 } } };
  expect(shownConfig({ name: "web-1", version: "4.2.0", ...inner })).toEqual({
    name: "web-1",
    version: "4.2.0",
  });
});
