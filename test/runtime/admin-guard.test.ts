import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createAdminGuard,
  createTokenCheck,
  readToken,
  type AdminAddress,
} from "../../runtime/admin-guard.ts";

const TOKEN = "0123456789abcdef";

interface Head {
  readonly method?: string;
  readonly host?: string;
  readonly fields?: Readonly<Record<string, string>>;
}

/** The refusal of this address's guard for a request with such a head; "passes" without one. */
function says(
  { method = "GET", host = "127.0.0.1:9901", fields = {} }: Head,
  address: Partial<AdminAddress> = {},
  token: string | undefined = TOKEN,
) {
  const headers: Record<string, string> = { host, ...fields };
  const guard = createAdminGuard({ host: "127.0.0.1", port: 9901, ...address }, token);
  return guard({ method, headers, rawHeaders: Object.entries(headers).flat() }) ?? "passes";
}

describe("the Host of a request to an admin surface", () => {
  it.each(["127.0.0.1:9901", "localhost:9901", "[::1]:9901"])("may be %s", (host) => {
    expect(says({ host })).toBe("passes");
  });

  it.each(["127.0.0.1", "127.0.0.1:9902", "127.0.0.1:99011", "localhost.:9901", "10.0.0.7:9901", ""])(
    "may not be %j, and the refusal names what may be",
    (host) => {
      expect(says({ host })).toEqual({
        status: 403,
        code: "HOST_REFUSED",
        message: "ask for it as 127.0.0.1:9901, localhost:9901, [::1]:9901",
      });
    },
  );

  it("may be the address that it is bound to, an IPv6 one in brackets", () => {
    expect(says({ host: "10.0.0.7:9901" }, { host: "10.0.0.7" })).toBe("passes");
    expect(says({ host: "[fd00::7]:9901" }, { host: "fd00::7" })).toBe("passes");
    expect(says({ host: "fd00::7:9901" }, { host: "fd00::7" })).toMatchObject({ code: "HOST_REFUSED" });
  });

  it("may be a further name for as long as that holds", () => {
    const names = ["lab:80"];
    const guard = createAdminGuard({ host: "127.0.0.1", port: 9901, more: () => names }, TOKEN);
    const request = { method: "GET", headers: { host: "lab:80" }, rawHeaders: ["Host", "lab:80"] };
    expect(guard(request)).toBeUndefined();
    names.length = 0;
    expect(guard(request)).toMatchObject({ code: "HOST_REFUSED" });
  });

  it("is counted by field names: a value that reads `host` is none, and without one nothing passes", () => {
    expect(says({ fields: { "x-kind": "host" } })).toBe("passes");
    const guard = createAdminGuard({ host: "127.0.0.1", port: 9901, more: () => [""] }, TOKEN);
    expect(guard({ method: "GET", headers: {}, rawHeaders: [] })).toMatchObject({ code: "HOST_REFUSED" });
  });
});

describe("the page that a request comes from", () => {
  it.each<Readonly<Record<string, string>>>([
    { origin: "http://127.0.0.1:9901" },
    { origin: "http://localhost:9901", "sec-fetch-site": "same-origin" },
    { "sec-fetch-site": "none" },
  ])("may be the surface's own, or none: %j", (fields) => {
    expect(says({ fields })).toBe("passes");
  });

  it.each<Readonly<Record<string, string>>>([
    { origin: "https://127.0.0.1:9901" },
    { origin: "http://127.0.0.1:8080" },
    { origin: "null" },
    { origin: "" },
    { "sec-fetch-site": "same-site" },
    { origin: "http://127.0.0.1:9901", "sec-fetch-site": "cross-site" },
  ])("may be no other: %j", (fields) => {
    expect(says({ fields })).toMatchObject({ status: 403, code: "ORIGIN_REFUSED" });
  });
});

describe("a change", () => {
  const bearing = { authorization: `Bearer ${TOKEN}` };

  it.each(["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get"])("by %s needs the token", (method) => {
    expect(says({ method })).toEqual({
      status: 401,
      code: "UNAUTHORIZED",
      message: "changes need the bearer token",
    });
    expect(says({ method, fields: bearing })).toBe("passes");
  });

  it.each(["GET", "HEAD"])("is not made by %s", (method) => {
    expect(says({ method })).toBe("passes");
  });

  it("is impossible where there is no token, whatever is presented", () => {
    const guard = createAdminGuard({ host: "127.0.0.1", port: 9901 }, undefined);
    const headers = { host: "127.0.0.1:9901", authorization: "Bearer " };
    const rawHeaders = Object.entries(headers).flat();
    expect(guard({ method: "POST", headers, rawHeaders })).toMatchObject({
      status: 401,
      message: expect.stringContaining("without a token") as string,
    });
    expect(guard({ method: "GET", headers, rawHeaders })).toBeUndefined();
  });
});

describe("a bearer token", () => {
  const check = createTokenCheck(TOKEN);

  it.each([`Bearer ${TOKEN}`, `bearer   ${TOKEN}`, `BEARER ${TOKEN}  `])("is taken from %j", (field) => {
    expect(check(field)).toBe(true);
  });

  it.each([
    undefined,
    "",
    "Bearer ",
    TOKEN,
    `Bearer${TOKEN}`,
    `Basic Bearer ${TOKEN}`,
    `Bearer ${TOKEN} x`,
    `Bearer x ${TOKEN}`,
    `Bearer ${TOKEN.slice(1)}`,
    `Bearer ${TOKEN.toUpperCase()}`,
  ])("is not found in %j", (field) => {
    expect(check(field)).toBe(false);
  });
});

describe("a token file", () => {
  let file: string;
  beforeEach(() => (file = join(mkdtempSync(join(tmpdir(), "token-")), "token")));
  afterEach(() => rmSync(join(file, ".."), { recursive: true, force: true }));

  it("holds 16 characters or more, a line's end not counted", () => {
    writeFileSync(file, `${TOKEN}\n`, { mode: 0o600 });
    expect(readToken(file)).toBe(TOKEN);
    writeFileSync(file, `${TOKEN.slice(1)}\n`);
    expect(() => readToken(file)).toThrow(
      expect.objectContaining({
        code: "ENVIRONMENT",
        message: expect.stringContaining("16 characters") as string,
      }),
    );
  });
});
