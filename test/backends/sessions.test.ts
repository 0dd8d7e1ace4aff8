import { expect, test } from "vitest";
import { createSessions } from "../../backends/sessions.ts";
import { seeded } from "../../runtime/random.ts";
import { createManualClock } from "../support/manual-clock.ts";

function setUp(config: { meanSeconds: number; limit?: number }, clock = createManualClock()) {
  return { clock, sessions: createSessions(config, { clock, random: seeded(7) }) };
}

test("a session gives back its user, and an unknown token nobody", () => {
  const { sessions } = setUp({ meanSeconds: 60 });
  const ada = sessions.create("ada");
  const bob = sessions.create("bob");
  expect(ada).toMatch(/^[a-z0-9]+$/);
  expect([sessions.get(ada), sessions.get(bob), sessions.get("nobody")]).toEqual(["ada", "bob", undefined]);
});

test("sessions live exponentially long with the configured mean", () => {
  const { clock, sessions } = setUp({ meanSeconds: 60 });
  for (let i = 0; i < 20_000; i++) sessions.create(`guest-${i}`);
  clock.advance(60_000);
  expect(Math.abs(sessions.count() / 20_000 - Math.exp(-1))).toBeLessThan(0.015);
  clock.advance(60_000);
  expect(Math.abs(sessions.count() / 20_000 - Math.exp(-2))).toBeLessThan(0.015);
});

test("an expired session opens nothing, even before it is swept away", () => {
  const { clock, sessions } = setUp({ meanSeconds: 1 });
  const token = sessions.create("ada");
  clock.advance(60_000);
  expect(sessions.get(token)).toBeUndefined();
});

test("at the limit the oldest session makes room", () => {
  const { sessions } = setUp({ meanSeconds: 1e6, limit: 3 });
  const tokens = ["a", "b", "c", "d"].map((user) => sessions.create(user));
  expect(tokens.map((token) => sessions.get(token))).toEqual([undefined, "b", "c", "d"]);
  expect(sessions.count()).toBe(3);
});

test("expired sessions make room before a living one does", () => {
  const { clock, sessions } = setUp({ meanSeconds: 1, limit: 2 });
  sessions.create("a");
  sessions.create("b");
  clock.advance(60_000);
  const [c, d] = [sessions.create("c"), sessions.create("d")];
  expect([sessions.get(c), sessions.get(d)]).toEqual(["c", "d"]);
});

test("a token of an earlier process on the same seed opens nothing in the next one", () => {
  const { clock, sessions } = setUp({ meanSeconds: 1e6 });
  const old = Array.from({ length: 100 }, () => sessions.create("ada"));
  clock.advance(1);
  const next = setUp({ meanSeconds: 1e6 }, clock).sessions;
  for (let i = 0; i < 100; i++) next.create("bob");
  expect(old.map((token) => next.get(token)).filter((user) => user !== undefined)).toEqual([]);
});
