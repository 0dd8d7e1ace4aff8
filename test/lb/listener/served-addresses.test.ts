import { describe, expect, it } from "vitest";
import {
  createServedAddresses,
  type AddressEdges,
  type ServedAddress,
} from "../../../lb/listener/served-addresses.ts";
import type { ListenerConfig } from "../../../lb/config/schema.ts";

const wanted = (name: string, bind: string): ListenerConfig => ({ name, bind }) as ListenerConfig;
const PUBLIC = wanted("public", "127.0.0.1:8080");
const INTERNAL = wanted("internal", "127.0.0.1:8081");
const EXTRA = wanted("extra", "127.0.0.1:8082");

function recorded({ taken = [] as readonly string[], conflict = (): string | undefined => undefined } = {}) {
  const seen: string[] = [];
  let port = 1;
  const edges: AddressEdges<ServedAddress> = {
    conflict,
    async open({ name, bind }) {
      seen.push(`open ${bind}`);
      if (taken.includes(bind)) throw Object.assign(new Error("taken"), { code: "EADDRINUSE" });
      return { name, port: port++ };
    },
    update: ({ port: at, name }) => void seen.push(`update ${at} ${name}`),
    discard: async ({ port: at }) => void seen.push(`discard ${at}`),
    retire: ({ port: at }) => void seen.push(`retire ${at}`),
  };
  return { seen, edges };
}

describe("the addresses that are served", () => {
  it("are bound in the order of the configuration, and used only when it is committed", async () => {
    const { seen, edges } = recorded();
    const addresses = createServedAddresses();
    const prepared = await addresses.prepare([PUBLIC, INTERNAL], edges);
    expect(addresses.ports()).toEqual({});
    prepared.commit();
    expect(addresses.ports()).toEqual({ public: 1, internal: 2 });
    expect(seen).toEqual([
      "open 127.0.0.1:8080",
      "open 127.0.0.1:8081",
      "update 1 public",
      "update 2 internal",
    ]);
  });

  it("stay when they are still wanted, also under another name; come when they are new; go when they are not", async () => {
    const { seen, edges } = recorded();
    const addresses = createServedAddresses();
    (await addresses.prepare([PUBLIC, INTERNAL], edges)).commit();
    seen.length = 0;
    (await addresses.prepare([EXTRA, wanted("renamed", PUBLIC.bind)], edges)).commit();
    expect(seen).toEqual(["open 127.0.0.1:8082", "update 3 extra", "update 1 renamed", "retire 2"]);
    expect(addresses.ports()).toEqual({ extra: 3, renamed: 1 });
  });

  it("are given back, all that are new, when one of them cannot be had; those in use stay", async () => {
    const { seen, edges } = recorded({ taken: [EXTRA.bind] });
    const addresses = createServedAddresses();
    (await addresses.prepare([PUBLIC], edges)).commit();
    seen.length = 0;
    await expect(addresses.prepare([INTERNAL, EXTRA, PUBLIC], edges)).rejects.toMatchObject({
      name: "BindFailure",
      bind: EXTRA.bind,
      system: "EADDRINUSE",
      path: ["listeners", 1, "bind"],
    });
    expect(seen).toEqual(["open 127.0.0.1:8081", "open 127.0.0.1:8082", "discard 2"]);
    expect(addresses.ports()).toEqual({ public: 1 });
  });

  it("are given back when the configuration is cancelled", async () => {
    const { seen, edges } = recorded();
    const addresses = createServedAddresses();
    (await addresses.prepare([PUBLIC], edges)).commit();
    seen.length = 0;
    await (await addresses.prepare([PUBLIC, EXTRA], edges)).cancel();
    expect(seen).toEqual(["open 127.0.0.1:8082", "discard 2"]);
    expect(addresses.ports()).toEqual({ public: 1 });
  });

  it("are not bound at all where one that serves cannot become what is wanted of it", async () => {
    const { seen, edges } = recorded({ conflict: () => "it cannot change while it serves" });
    const addresses = createServedAddresses();
    (await addresses.prepare([PUBLIC], edges)).commit();
    seen.length = 0;
    await expect(addresses.prepare([EXTRA, PUBLIC], edges)).rejects.toMatchObject({
      name: "UnmetNeed",
      code: "CONFIG_INVALID",
      path: ["listeners", 1, "bind"],
      message: "it cannot change while it serves",
    });
    expect(seen).toEqual([]);
  });

  it("with port 0 are an address of their own for each name", async () => {
    const { edges } = recorded();
    const addresses = createServedAddresses();
    const any = (name: string) => wanted(name, "127.0.0.1:0");
    (await addresses.prepare([any("a"), any("b")], edges)).commit();
    expect(addresses.ports()).toEqual({ a: 1, b: 2 });
    (await addresses.prepare([any("b"), any("c")], edges)).commit();
    expect(addresses.ports()).toEqual({ b: 2, c: 3 });
  });

  it("are forgotten when they are taken", async () => {
    const { edges } = recorded();
    const addresses = createServedAddresses();
    (await addresses.prepare([PUBLIC], edges)).commit();
    expect(addresses.take()).toEqual([{ name: "public", port: 1 }]);
    expect([addresses.all(), addresses.ports()]).toEqual([[], {}]);
  });
});
