import { expect, test } from "vitest";
import type { UnitDefinition } from "../../../lab/world/host.ts";
import { createMachine } from "../../../lab/world/machine.ts";
import { seeded } from "../../../runtime/random.ts";
import { createFakeLauncher } from "../../support/fake-launcher.ts";
import { createManualClock } from "../../support/manual-clock.ts";

function unit(name: string, change: Partial<UnitDefinition> = {}): UnitDefinition {
  return {
    name,
    description: "",
    program: "backend",
    config: {},
    restart: { when: "always", delayMs: 1000, startLimit: { burst: 3, intervalMs: 10_000 } },
    stopTimeoutMs: 5000,
    enabled: true,
    ...change,
  };
}

function setUp(
  definitions: readonly UnitDefinition[],
  options: Parameters<typeof createFakeLauncher>[0] = {},
) {
  const clock = createManualClock();
  const fake = createFakeLauncher({ obey: true, ...options });
  const machine = createMachine({ clock, launch: fake.launch });
  definitions.forEach((definition) => machine.add(definition));
  const launched = () => fake.processes.map((one) => one.request.unit);
  return { clock, fake, machine, launched };
}

const names = (count: number) => Array.from({ length: count }, (_, i) => `u${i}`);

test("a reboot starts every enabled unit once, in an order that the seed decides", async () => {
  const order = async (seed: number) => {
    const all = setUp(
      names(8).map((name) => unit(name, { enabled: name !== "u3" })),
      { readyAtOnce: true },
    );
    await all.machine.reboot(seeded(seed));
    return all.launched();
  };
  const first = await order(1);
  expect(first.toSorted()).toEqual(names(8).filter((name) => name !== "u3"));
  expect(await order(1)).toEqual(first);
  const others = await Promise.all([2, 3, 4].map((seed) => order(seed)));
  expect(others.some((other) => other.join() !== first.join())).toBe(true);
});

test.each([1, 2, 3, 4, 5])(
  "whatever the seed (%i), nothing starts before what is ordered before it is ready",
  async (seed) => {
    const { machine, fake, launched } = setUp([
      unit("last"),
      unit("middle", { before: ["last"] }),
      unit("first", { before: ["middle"] }),
      unit("free"),
    ]);
    const reboot = machine.reboot(seeded(seed));
    await until(() => launched().length === 2);
    expect(launched().toSorted()).toEqual(["first", "free"]);
    fake.only("first").ready();
    expect(launched().at(-1)).toBe("middle");
    fake.only("middle").exit(1);
    expect(launched().at(-1)).toBe("last");
    fake.only("last").ready();
    fake.only("free").ready();
    await reboot;
  },
);

/** Lets promises that wait for nothing but each other run. */
async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 50 && !condition(); i++) await Promise.resolve();
  expect(condition()).toBe(true);
}

test("an order that goes in a circle does not keep the machine from starting", async () => {
  const { machine, launched } = setUp([unit("a", { before: ["b"] }), unit("b", { before: ["a"] })], {
    readyAtOnce: true,
  });
  await machine.reboot(seeded(1));
  expect(launched().toSorted()).toEqual(["a", "b"]);
});

test("a reboot forgives failures, and leaves alone what is outside of the machine", async () => {
  const { machine, fake, clock } = setUp([unit("web"), unit("users", { outside: true })], {
    readyAtOnce: true,
  });
  machine.unit("users")?.start();
  machine.unit("web")?.start();
  for (let i = 0; i < 3; i++) {
    fake.only("web").exit(1);
    clock.advance(1000);
  }
  expect(machine.unit("web")?.view.state).toBe("failed");
  const users = fake.only("users").pid;
  await machine.reboot(seeded(1));
  expect(machine.unit("web")?.view.state).toBe("active");
  expect(fake.only("users").pid).toBe(users);
});

test("a second reboot while one runs joins it", async () => {
  const { machine, launched } = setUp([unit("web")], { readyAtOnce: true });
  await Promise.all([machine.reboot(seeded(1)), machine.reboot(seeded(2))]);
  expect(launched()).toEqual(["web"]);
});

test("a package brings its units, starts the enabled ones, and takes them away again", async () => {
  const { machine, launched } = setUp([], { readyAtOnce: true });
  const cache = {
    name: "cache",
    version: "2.1",
    description: "keeps pages",
    units: [unit("cache"), unit("cache-trim", { enabled: false })],
  };
  expect(machine.install(cache)).toEqual({ ok: true, message: "installed cache 2.1" });
  expect(launched()).toEqual(["cache"]);
  expect(machine.unit("cache")?.view.owner).toBe("cache");
  expect(machine.packages()).toMatchObject([{ name: "cache", units: ["cache", "cache-trim"] }]);
  expect((await machine.uninstall("cache")).ok).toBe(true);
  expect(machine.units()).toEqual([]);
  expect(machine.packages()).toEqual([]);
  expect((await machine.uninstall("cache")).message).toBe("there is no package cache");
});

test("a package whose unit exists already is refused as a whole", () => {
  const { machine } = setUp([unit("web")]);
  const twice = { name: "twice", version: "1", description: "", units: [unit("new"), unit("web")] };
  expect(machine.install(twice).ok).toBe(false);
  expect(machine.units().map((one) => one.name)).toEqual(["web"]);
  expect(machine.packages()).toEqual([]);
});

test("a name is given once", () => {
  const { machine } = setUp([unit("web")]);
  expect(() => machine.add(unit("web"))).toThrow("there is a unit web already");
});

test("removing a unit resolves when its process is gone", async () => {
  const { machine, fake } = setUp([unit("web")], { obey: false });
  machine.unit("web")?.start();
  let removed = false;
  const removal = machine.remove("web").then(() => (removed = true));
  await Promise.resolve();
  expect(removed).toBe(false);
  fake.only("web").exit(0);
  await removal;
  expect(machine.unit("web")).toBeUndefined();
});

test("a retired machine ends everything and starts nothing, not even in the middle of a reboot", async () => {
  const { machine, fake, clock } = setUp([unit("a"), unit("b", { before: ["a"] })], { obey: false });
  machine.unit("a")?.start();
  const reboot = machine.reboot(seeded(1));
  const retired = machine.retire(2000);
  clock.advance(2000);
  expect(fake.only("a").signals).toEqual(["SIGTERM", "SIGKILL"]);
  fake.only("a").exit("SIGKILL");
  await retired;
  await reboot;
  clock.advance(60_000);
  expect(fake.alive()).toEqual([]);
});
