import { describe, expect, it } from "vitest";
import { createRouter } from "../../../lb/request/route.ts";

const find = createRouter({
  name: "public",
  bind: "127.0.0.1:0",
  upgrades: [],
  routes: [
    { host: "shop.test", path: "/login", pool: "auth" },
    { path: "/api/", pool: "api" },
    { host: "shop.test", path: "/", pool: "web" },
  ],
});

describe("a listener's routes", () => {
  it.each([
    ["/login", "auth"],
    ["/login/", "auth"],
    ["/login/x?y", "auth"],
    ["/login?next=/", "auth"],
    ["/loginx", "web"],
    ["/log", "web"],
    ["/x?/login", "web"],
    ["/Login", "web"],
    ["/api/x", "api"],
    ["/api/", "api"],
    ["/api", "web"],
    ["/", "web"],
    ["*", "web"],
  ])("send %s of shop.test to %s: prefixes end at segments, the first match wins", (target, pool) => {
    expect(find("shop.test", target)?.pool).toBe(pool);
  });

  it("match a host exactly, or any host where none is named", () => {
    expect(find("other.test", "/login")).toBeUndefined();
    expect(find("www.shop.test", "/")).toBeUndefined();
    expect(find("other.test", "/api/x")).toMatchObject({ label: "public/1", pool: "api" });
  });
});
