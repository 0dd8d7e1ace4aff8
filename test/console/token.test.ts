import { expect, it, vi } from "vitest";
import { takeToken } from "../../dashboards/console/live/token.ts";

const TOKEN = "0123456789abcdef";

function tab(hash: string) {
  const items = new Map<string, string>();
  const replaceState = vi.fn();
  return {
    items,
    replaceState,
    places: {
      location: { hash, pathname: "/", search: "" },
      history: { replaceState },
      kept: {
        getItem: (key: string) => items.get(key) ?? null,
        setItem: (key: string, value: string) => void items.set(key, value),
      },
    },
  };
}

it("a link's token is taken out of the address bar and kept for the tab", () => {
  const { places, replaceState } = tab(`#token=${TOKEN}`);
  expect(takeToken(places)).toBe(TOKEN);
  expect(replaceState).toHaveBeenCalledWith(null, "", "/");
  expect(takeToken({ ...places, location: { ...places.location, hash: "" } })).toBe(TOKEN);
});

it("a newer link's token takes the place of the old one", () => {
  const { places } = tab(`#token=${TOKEN}`);
  takeToken(places);
  expect(takeToken({ ...places, location: { ...places.location, hash: `#token=${TOKEN}0` } })).toBe(
    `${TOKEN}0`,
  );
});

it.each(["", "#", "#token=", "#token=short", `#token=${TOKEN}<b>`, "#drill=abc"])(
  "there is none in %j, which stays where it is",
  (hash) => {
    const { places, replaceState } = tab(hash);
    expect(takeToken(places)).toBeUndefined();
    expect(replaceState).not.toHaveBeenCalled();
  },
);
