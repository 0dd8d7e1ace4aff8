import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configFile } from "../../../lb/config/medium.ts";
import { parseBalancerConfig } from "../../../lb/config/parse.ts";
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
const clock = createManualClock();

let path: string;
let store: ConfigStore;
/** What was parsed aside. */
let aside: string[];
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), "store-")), "lb.yaml");
  aside = [];
  store = createConfigStore(configFile(path), {
    clock,
    hashing: nodeHashing,
    async parser(bytes, name) {
      aside.push(new TextDecoder().decode(bytes));
      return parseBalancerConfig(bytes, name);
    },
  });
});
afterEach(() => rmSync(join(path, ".."), { recursive: true, force: true }));

describe("a configuration that is parsed aside", () => {
  it("is parsed once, whether it comes as text or as bytes, and need not be parsed again when it is applied", async () => {
    const first = await store.parseAside(yaml(1));
    expect(first).toMatchObject({ ok: true });
    expect(await store.parseAside(new TextEncoder().encode(yaml(1)))).toBe(first);
    expect(store.parse(yaml(1))).toBe(first);
    expect(aside).toEqual([yaml(1)]);
    expect(store.apply(yaml(1), BY_ANN).version).toBe(1);
  });

  it("is what its bytes say, of whatever kind they are", async () => {
    expect(await store.parseAside(new TextEncoder().encode(yaml(1)))).toMatchObject({ ok: true });
    expect(aside).toEqual([yaml(1)]);
  });

  it("is another one when it differs, and its faults are its own", async () => {
    await store.parseAside(yaml(1));
    expect(await store.parseAside(yaml(-1))).toMatchObject({ ok: false, faults: [{ line: 6 }] });
    expect(aside).toEqual([yaml(1), yaml(-1)]);
  });

  it("is remembered for as long as it is refused, whatever comes into force meanwhile", async () => {
    const refused = await store.parseAside(yaml(-1));
    store.settled(1);
    expect(await store.parseAside(yaml(-1))).toBe(refused);
  });

  it("may be in force before anybody has asked for it", () => {
    expect(() => store.settled(1)).not.toThrow();
  });

  it("is parsed at once where there is nothing aside to do it", async () => {
    const alone = createConfigStore(configFile(path), { clock, hashing: nodeHashing });
    expect(await alone.parseAside(yaml(1))).toMatchObject({ ok: true });
  });
});

describe("a look aside", () => {
  it("costs nothing while the file is its newest version", async () => {
    store.settled(store.create(yaml(1), BY_ANN).version);
    await store.lookAside();
    expect(aside).toEqual([]);
  });

  it("parses what was edited by hand, and what nobody has seen yet", async () => {
    writeFileSync(path, yaml(1));
    await store.lookAside();
    store.read();
    writeFileSync(path, yaml(2));
    await store.lookAside();
    expect(aside).toEqual([yaml(1), yaml(2)]);
  });

  it("names the file that is not there", async () => {
    await expect(store.lookAside()).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("a configuration file that somebody has touched", () => {
  it("is put back when it was deleted, as a version of its own though its text is the newest one's", () => {
    store.create(yaml(1), BY_ANN);
    rmSync(path);
    expect(store.apply(yaml(1), BY_ANN).version).toBe(2);
    expect(readFileSync(path, "utf8")).toBe(yaml(1));
  });

  it("is put back when a broken edit stands in the place of the newest version", () => {
    store.create(yaml(1), BY_ANN);
    writeFileSync(path, "no: [");
    expect(store.apply(yaml(1), BY_ANN).version).toBe(2);
    expect(readFileSync(path, "utf8")).toBe(yaml(1));
  });

  it("is a version of its own before it is changed, though nobody has looked at it", () => {
    store.create(yaml(1), BY_ANN);
    writeFileSync(path, yaml(5));
    store.apply(yaml(2), BY_ANN);
    expect(store.history().map(({ author }) => author)).toEqual(["ann", "file", "ann"]);
    expect(store.at(2)?.yaml).toBe(yaml(5));
  });

  it("is without a fault once the edit is a version", () => {
    writeFileSync(path, yaml(1));
    expect(store.read()).toEqual({ yaml: yaml(1), version: 1, faults: [] });
  });

  it("goes back to another text only: the same one put in place twice is nothing to go back to", () => {
    store.create(yaml(1), BY_ANN);
    rmSync(path);
    store.apply(yaml(1), BY_ANN);
    expect(() => store.earlier()).toThrow(
      expect.objectContaining({ code: "NOT_FOUND", hint: "name one of the history" }),
    );
  });

  it("has nothing to go back to where it is broken and never was a version", () => {
    writeFileSync(path, "no: [");
    expect(() => store.rollback(undefined, BY_ANN)).toThrow("there is no earlier version");
    expect(readFileSync(path, "utf8")).toBe("no: [");
  });

  it("is as it was to the byte when a change of it could not be recorded", () => {
    const medium = configFile(path);
    const failing = createConfigStore(
      {
        ...medium,
        history: {
          ...medium.history,
          prepare(entry, text) {
            const { commit, discard } = medium.history.prepare(entry, text);
            if (entry.author === "file") return { commit, discard };
            return {
              commit: () => {
                throw new Error("no space left");
              },
              discard,
            };
          },
        },
      },
      { clock, hashing: nodeHashing },
    );
    writeFileSync(path, `\uFEFF${yaml(1)}`);
    expect(() => failing.apply(yaml(2), BY_ANN)).toThrow("no space left");
    expect(readFileSync(path, "utf8")).toBe(`\uFEFF${yaml(1)}`);
    expect(failing.read()).toMatchObject({ yaml: `\uFEFF${yaml(1)}`, version: 1 });
  });
});

it("a version is kept although an older one cannot be removed", () => {
  const medium = configFile(path);
  const stuck = createConfigStore(
    {
      ...medium,
      history: {
        ...medium.history,
        remove() {
          throw new Error("read-only");
        },
      },
    },
    { clock, hashing: nodeHashing },
  );
  for (let i = 0; i < 102; i++) stuck.apply(yaml(1 + (i % 50)), BY_ANN);
  expect(stuck.history()).toHaveLength(102);
  expect(stuck.read().version).toBe(102);
});

it.each(["list", "latest", "yaml", "clear"] as const)(
  "a failure of the history's `%s` is one of the disk",
  (step) => {
    store.create(yaml(1), BY_ANN);
    const medium = configFile(path);
    const failing = createConfigStore(
      {
        ...medium,
        history: {
          ...medium.history,
          [step]() {
            throw new Error("input/output error");
          },
        },
      },
      { clock, hashing: nodeHashing },
    );
    const tried = {
      list: () => failing.history(),
      latest: () => failing.read(),
      yaml: () => failing.at(1),
      clear: () => failing.create(yaml(2), BY_ANN),
    };
    expect(tried[step]).toThrow(
      expect.objectContaining({
        code: "DISK",
        message: "the configuration could not be kept: input/output error",
      }),
    );
    expect(readFileSync(path, "utf8")).toBe(yaml(1));
  },
);

describe("a new beginning", () => {
  it("with a faulty text is none: file and history stay", () => {
    store.create(yaml(1), BY_ANN);
    expect(() => store.create(yaml(-1), BY_ANN)).toThrow("must be a whole number from 0 to 256");
    expect(store.read()).toEqual({ yaml: yaml(1), version: 1, faults: [] });
    expect(store.history()).toHaveLength(1);
  });
});

it("a first version that cannot be recorded leaves no half of a file behind", () => {
  mkdirSync(`${path}.history/000001.json.new`, { recursive: true });
  expect(() => store.apply(yaml(1), BY_ANN)).toThrow(expect.objectContaining({ code: "DISK" }));
  expect(readdirSync(join(path, ".."))).toEqual(["lb.yaml.history"]);
});
