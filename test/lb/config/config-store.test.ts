import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configFile } from "../../../lb/config/medium.ts";
import { createConfigStore, type ConfigStore } from "../../../lb/config/store.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { nodeHashing } from "../../../runtime/node-hashing.ts";

const yaml = (weight: number) => `listeners:
  - { name: public, bind: "127.0.0.1:8080", routes: [{ path: /, pool: web }] }
pools:
  web:
    policy: { type: round-robin }
    upstreams: [{ name: web-1, address: "127.0.0.1:9101", weight: ${weight} }]
`;
const BY_ANN = { author: "ann", reason: "more weight" };

let directory: string;
let path: string;
let store: ConfigStore;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "store-"));
  path = join(directory, "lb.yaml");
  store = createConfigStore(configFile(path), {
    clock: createManualClock(Date.UTC(2026, 10, 20)),
    hashing: nodeHashing,
  });
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const versions = () =>
  store.history().map(({ version, author, reason }) => `${version} ${author}: ${reason}`);

describe("the configuration store", () => {
  it("keeps every version with its author, its reason and its time", () => {
    store.create(yaml(1), { author: "lab", reason: "first" });
    expect(store.apply(yaml(2), BY_ANN)).toMatchObject({ version: 2, at: "2026-11-20T00:00:00.000Z" });
    expect(versions()).toEqual(["1 lab: first", "2 ann: more weight"]);
    expect(readFileSync(path, "utf8")).toBe(yaml(2));
    expect(store.at(1)?.yaml).toBe(yaml(1));
    expect(store.at(3)).toBeUndefined();
  });

  it("knows its versions again in another process", () => {
    store.create(yaml(1), BY_ANN);
    store.apply(yaml(2), BY_ANN);
    const other = createConfigStore(configFile(path), { clock: createManualClock(), hashing: nodeHashing });
    expect(other.read()).toEqual({ yaml: yaml(2), version: 2, faults: [] });
  });

  it.each(["the file's text", "the record's text", "the file's place", "the record's place"])(
    "leaves file and history as they were when the disk is full at %s",
    (step) => {
      store.create(yaml(1), BY_ANN);
      const medium = configFile(path);
      let full = true;
      const failAt = (here: string): void => {
        if (full && step === here) throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
      };
      const failing = createConfigStore(
        {
          ...medium,
          prepare(text) {
            failAt("the file's text");
            const { commit, discard } = medium.prepare(text);
            return { commit: () => (failAt("the file's place"), commit()), discard };
          },
          history: {
            ...medium.history,
            prepare(entry, text) {
              failAt("the record's text");
              const { commit, discard } = medium.history.prepare(entry, text);
              return { commit: () => (failAt("the record's place"), commit()), discard };
            },
          },
        },
        { clock: createManualClock(), hashing: nodeHashing },
      );
      expect(() => failing.apply(yaml(2), BY_ANN)).toThrow(expect.objectContaining({ code: "DISK" }));
      expect(readFileSync(path, "utf8")).toBe(yaml(1));
      expect(versions()).toEqual(["1 ann: more weight"]);
      full = false;
      expect(failing.apply(yaml(2), BY_ANN).version).toBe(2);
      expect(readFileSync(path, "utf8")).toBe(yaml(2));
    },
  );

  it("makes no version of a text that is in place already", () => {
    store.create(yaml(1), BY_ANN);
    expect(store.apply(yaml(1), BY_ANN).version).toBe(1);
  });

  it("takes a file that it finds as the first version", () => {
    writeFileSync(path, yaml(1));
    expect(store.read().version).toBe(1);
    expect(versions()).toEqual(["1 file: found at the start"]);
  });

  it("notices an edit by hand and keeps it as a version of its own", () => {
    store.create(yaml(1), BY_ANN);
    writeFileSync(path, yaml(5));
    expect(store.read()).toMatchObject({ version: 2, yaml: yaml(5) });
    store.apply(yaml(6), BY_ANN);
    expect(versions()).toEqual(["1 ann: more weight", "2 file: edited by hand", "3 ann: more weight"]);
  });

  it("gives the faults of a broken edit, and no version", () => {
    store.create(yaml(1), BY_ANN);
    writeFileSync(path, yaml(-1));
    const read = store.read();
    expect(read.version).toBe(0);
    expect(read.faults[0]).toMatchObject({ line: 6, path: "pools.web.upstreams[0].weight" });
    expect(store.history()).toHaveLength(1);
  });

  it("goes back to the last text that differs, and each time further back", () => {
    store.create(yaml(1), BY_ANN);
    store.apply(yaml(2), BY_ANN);
    store.apply(yaml(3), BY_ANN);
    expect(store.rollback(undefined, BY_ANN)).toMatchObject({ version: 4, restores: 2 });
    expect(store.read().yaml).toBe(yaml(2));
    expect(store.rollback(undefined, BY_ANN)).toMatchObject({ version: 5, restores: 1 });
    expect(store.read().yaml).toBe(yaml(1));
    expect(() => store.rollback(undefined, BY_ANN)).toThrow("there is no earlier version");
    expect(store.rollback(3, BY_ANN)).toMatchObject({ version: 6, restores: 3 });
    store.apply(yaml(4), BY_ANN);
    expect(store.rollback(undefined, BY_ANN)).toMatchObject({ version: 8, restores: 6 });
  });

  it("keeps a hundred versions, and the one in force however old it is", () => {
    const first = store.create(yaml(1), BY_ANN);
    store.settled(first.version);
    for (let i = 0; i < 120; i++) store.apply(yaml(2 + (i % 50)), BY_ANN);
    const kept = store.history().map(({ version }) => version);
    expect(kept).toEqual([1, ...Array.from({ length: 100 }, (_, i) => 22 + i)]);
    expect(store.at(1)?.yaml).toBe(yaml(1));
    expect(store.at(21)).toBeUndefined();
    expect(readdirSync(`${path}.history`)).toHaveLength(202);
    store.settled(121);
    store.apply(yaml(60), BY_ANN);
    expect(store.history()[0]?.version).toBe(23);
  });

  it("goes back from a broken edit to what was in force before it", () => {
    store.create(yaml(1), BY_ANN);
    writeFileSync(path, "no: [");
    store.rollback(undefined, BY_ANN);
    expect(store.read().yaml).toBe(yaml(1));
  });

  it("goes back to a version by its number, and refuses one that never was", () => {
    store.create(yaml(1), BY_ANN);
    store.apply(yaml(2), BY_ANN);
    store.apply(yaml(3), BY_ANN);
    store.rollback(1, BY_ANN);
    expect(store.read()).toMatchObject({ yaml: yaml(1), version: 4 });
    expect(() => store.rollback(9, BY_ANN)).toThrow("there is no version 9");
  });

  it("refuses a faulty text and leaves the file as it was", () => {
    store.create(yaml(1), BY_ANN);
    expect(() => store.apply(yaml(-1), BY_ANN)).toThrow("must be a whole number from 0 to 256");
    expect(store.read()).toEqual({ yaml: yaml(1), version: 1, faults: [] });
  });

  it("leaves file and history as they were when the disk refuses", () => {
    store.create(yaml(1), BY_ANN);
    // What the new text would be written to is in the way: any failure of the disk looks like this from here.
    mkdirSync(`${path}.new`);
    chmodSync(`${path}.new`, 0o500);
    expect(() => store.apply(yaml(2), BY_ANN)).toThrow(expect.objectContaining({ code: "DISK" }));
    rmSync(`${path}.new`, { recursive: true, force: true });
    expect(store.read()).toEqual({ yaml: yaml(1), version: 1, faults: [] });
    expect(readdirSync(`${path}.history`)).toEqual(["000001.json", "000001.yaml"]);
  });

  it("leaves file and history as they were when the history cannot be written", () => {
    store.create(yaml(1), BY_ANN);
    mkdirSync(`${path}.history/000002.json.new`);
    expect(() => store.apply(yaml(2), BY_ANN)).toThrow(expect.objectContaining({ code: "DISK" }));
    rmSync(`${path}.history/000002.json.new`, { recursive: true });
    expect(store.read()).toEqual({ yaml: yaml(1), version: 1, faults: [] });
    expect(readdirSync(directory).sort()).toEqual(["lb.yaml", "lb.yaml.history"]);
    expect(store.apply(yaml(2), BY_ANN).version).toBe(2);
  });

  it("forgets what came before when it is created anew", () => {
    store.create(yaml(1), BY_ANN);
    store.apply(yaml(2), BY_ANN);
    store.create(yaml(3), { author: "lab", reason: "next" });
    expect(versions()).toEqual(["1 lab: next"]);
  });

  it("writes through a link instead of replacing it", () => {
    const link = join(directory, "link.yaml");
    writeFileSync(path, yaml(1));
    symlinkSync(path, link);
    createConfigStore(configFile(link), { clock: createManualClock(), hashing: nodeHashing }).apply(
      yaml(2),
      BY_ANN,
    );
    expect(readFileSync(path, "utf8")).toBe(yaml(2));
  });

  it("parses a text once for two who ask in a row, and gives nobody later what may be in force by then", () => {
    const [one, two] = [store.parse(yaml(1)), store.parse(yaml(1))];
    store.settled(1);
    const three = store.parse(yaml(1));
    expect(two).toBe(one);
    expect(three).not.toBe(one);
    expect(three).toMatchObject({ ok: true, config: one.ok && one.config });
    expect(store.parse(yaml(2))).toMatchObject({
      config: { pools: { web: { upstreams: [{ weight: 2 }] } } },
    });
    expect(existsSync(path)).toBe(false);
  });

  it("says which file it misses", () => {
    expect(() => store.read()).toThrow(`${path}: no such file`);
  });
});
