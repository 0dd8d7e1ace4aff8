import { describe, expect, it } from "vitest";
import type { BalancerConfig } from "../../../../lb/config/schema.ts";
import { createForwarding } from "../../../../lb/request/headers/forwarded.ts";
import { headerRules } from "../../../../lb/config/header-rules.ts";
import { createHeaderEdit, type HeaderEdit } from "../../../../lb/request/headers/header-edit.ts";
import {
  answerHeaders,
  endToEnd,
  isConnectionField,
  listValues,
} from "../../../../lb/request/headers/headers.ts";
import { seeded } from "../../../../runtime/random.ts";
import { createFakeExchange, type FakeRequest } from "../../../support/fake-exchange.ts";

/** What an upstream gets, as lower-case name and values. */
function sent(
  request: FakeRequest,
  trusted: readonly string[] = [],
  edit?: HeaderEdit,
  mode: BalancerConfig["ambiguousFields"] = "drop",
): Record<string, string[]> {
  const forwarding = createForwarding({ trustedProxies: trusted, ambiguousFields: mode }, seeded(3));
  const exchange = createFakeExchange(request);
  return fieldsOf(forwarding.requestHeaders(exchange, forwarding.requestId(exchange), edit));
}

function editOf(rules: object): HeaderEdit {
  return createHeaderEdit(
    headerRules.parse({ response: rules }).response ?? { remove: [], set: {}, add: {} },
  );
}

function fieldsOf(list: readonly string[]): Record<string, string[]> {
  const fields: Record<string, string[]> = {};
  for (let i = 0; i < list.length; i += 2)
    (fields[(list[i] ?? "").toLowerCase()] ??= []).push(list[i + 1] ?? "");
  return fields;
}

describe("end-to-end fields", () => {
  it("leave out those of one connection and those that Connection names, in every Connection field", () => {
    const list = [
      "Accept",
      "*/*",
      "Connection",
      "close, X-Secret",
      "X-Secret",
      "1",
      "connection",
      "x-other",
      "X-Other",
      "2",
      "Keep-Alive",
      "timeout=5",
      "Proxy-Connection",
      "keep-alive",
      "TE",
      "gzip",
      "Trailer",
      "Expires",
      "Transfer-Encoding",
      "chunked",
      "Upgrade",
      "h2c",
      "Expect",
      "100-continue",
      "accept",
      "text/html",
    ];
    expect(endToEnd(list)).toEqual(["Accept", "*/*", "accept", "text/html"]);
  });

  it("are recognized by the whole name: what is as long as Connection names nothing", () => {
    const list = ["User-Agent", "x-secret", "X-Secret", "1", "Connection", ", ,x-other,", "X-Other", "2"];
    expect(endToEnd(list)).toEqual(["User-Agent", "x-secret", "X-Secret", "1"]);
  });

  it.each(["keep-alive", "transfer-encoding", "te", "x-balancer-way", "content-length", "host"])(
    "are not those that frame a message, name its receiver or belong to one connection: %s",
    (name) => {
      expect(isConnectionField(name)).toBe(true);
    },
  );

  it.each(["accept", "x-host", "via"])("are all others: %s", (name) => {
    expect(isConnectionField(name)).toBe(false);
  });

  it("have lists of values, empty ones left out, in every field of that name and no other of its length", () => {
    const list = ["Upgrade", " websocket , ,h2c", "Expires", "never", "upgrade", "x"];
    expect(listValues(list, "upgrade")).toEqual(["websocket", "h2c", "x"]);
  });

  it("keep Host and Content-Length even if Connection names them", () => {
    const list = ["Connection", "host, content-length", "Host", "a", "Content-Length", "3"];
    expect(endToEnd(list)).toEqual(["Host", "a", "Content-Length", "3"]);
  });
});

describe("what upstreams get of the client", () => {
  const spoofed: FakeRequest = {
    host: "shop.test:8080",
    headers: [
      "X-Forwarded-For",
      "203.0.113.9",
      "x-forwarded-for",
      "198.51.100.7, 10.0.0.1",
      "X-Forwarded-Proto",
      "https",
      "X-Forwarded-Host",
      "www.test",
      "X-Forwarded-Port",
      "443",
      "Forwarded",
      "for=1.2.3.4",
      "X-Request-Id",
      "theirs",
      "Via",
      "1.0 fred",
    ],
  };

  it("is our own word for a peer that nobody vouches for", () => {
    const fields = sent(spoofed);
    expect(fields).toMatchObject({
      host: ["shop.test:8080"],
      "x-forwarded-for": ["192.0.2.1"],
      "x-forwarded-proto": ["http"],
      "x-forwarded-host": ["shop.test:8080"],
      via: ["1.0 fred", "1.1 lblab"],
    });
    expect(fields["x-request-id"]).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/)]);
    expect(fields).not.toHaveProperty("forwarded");
    expect(fields).not.toHaveProperty("x-forwarded-port");
  });

  it.each([["192.0.2.1"], ["192.0.2.0/24"], ["::/0", "192.0.0.0/8"]])(
    "is what a trusted proxy said, with the proxy appended: %s",
    (...trusted) => {
      expect(sent(spoofed, trusted)).toMatchObject({
        "x-forwarded-for": ["203.0.113.9, 198.51.100.7, 10.0.0.1, 192.0.2.1"],
        "x-forwarded-proto": ["https"],
        "x-forwarded-host": ["www.test"],
        "x-request-id": ["theirs"],
        forwarded: ["for=1.2.3.4"],
      });
    },
  );

  it("is our own where a trusted proxy said nothing", () => {
    expect(sent({ headers: [] }, ["192.0.2.1"])).toMatchObject({
      "x-forwarded-for": ["192.0.2.1"],
      "x-forwarded-proto": ["http"],
      "x-forwarded-host": ["shop.test"],
    });
  });

  it("trusts neighbours of a trusted address no more than others, and IPv4 in IPv6 form as IPv4", () => {
    const trusted = ["192.0.2.2", "2001:db8::/32"];
    expect(sent(spoofed, trusted)["x-forwarded-proto"]).toEqual(["http"]);
    expect(sent({ ...spoofed, peer: "::ffff:192.0.2.2" }, trusted)["x-forwarded-proto"]).toEqual(["https"]);
    expect(sent({ ...spoofed, peer: "2001:db8::5" }, trusted)["x-forwarded-proto"]).toEqual(["https"]);
    expect(sent({ ...spoofed, peer: "" }, trusted)["x-forwarded-proto"]).toEqual(["http"]);
  });

  it.each(["localhost", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0.0/x", "::/129"])(
    "cannot be set to trust %s",
    (proxy) => {
      expect(() => createForwarding({ trustedProxies: [proxy], ambiguousFields: "drop" }, seeded(1))).toThrow(
        /trustedProxies/,
      );
    },
  );

  const AMBIGUOUS = ["X_Forwarded_For", "6.6.6.6", "X.Request_Id", "mine", "Proxy", "evil", "X_Own", "1"];

  it.each([
    ["drop", ["x_own"]],
    ["drop-all", []],
    ["refuse", ["x_own"]],
    ["pass", ["x_forwarded_for", "x.request_id", "proxy", "x_own"]],
  ] as const)("passes on, with ambiguous fields set to %s, only %j of some", (mode, kept) => {
    const names = Object.keys(sent({ headers: AMBIGUOUS }, [], undefined, mode));
    const given = AMBIGUOUS.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
    expect(given.filter((name) => names.includes(name))).toEqual(kept);
  });

  it("believes a trusted proxy no more of them than anybody else", () => {
    expect(sent({ headers: AMBIGUOUS, peer: "10.0.0.1" }, ["10.0.0.0/8"])).not.toHaveProperty(
      "x_forwarded_for",
    );
  });

  it("leaves out what a backend would take for a field that the route's rules write or remove", () => {
    const edit = editOf({ set: { "X-User": "nobody" }, remove: ["X-Secret"] });
    const fields = sent({ headers: ["X_User", "root", "x_secret", "1", "X_Other", "2"] }, [], edit);
    expect(fields).toMatchObject({ "x-user": ["nobody"], x_other: ["2"] });
    expect(fields).not.toHaveProperty("x_user");
    expect(fields).not.toHaveProperty("x_secret");
  });

  it.each([
    ["drop", AMBIGUOUS, false],
    ["pass", AMBIGUOUS, false],
    ["refuse", AMBIGUOUS, true],
    ["refuse", ["X_Own", "X_Forwarded_For"], false],
  ] as const)("refuses, with ambiguous fields set to %s, what has %j: %s", (mode, headers, expected) => {
    const forwarding = createForwarding({ trustedProxies: [], ambiguousFields: mode }, seeded(3));
    expect(forwarding.refuses(createFakeExchange({ headers }))).toBe(expected);
  });

  it("says https of what came over TLS, unless a trusted proxy says otherwise", () => {
    expect(sent({ headers: [], secure: true })["x-forwarded-proto"]).toEqual(["https"]);
    const headers = ["X-Forwarded-Proto", "http"];
    expect(sent({ headers, secure: true })["x-forwarded-proto"]).toEqual(["https"]);
    expect(sent({ headers, secure: true }, ["192.0.2.1"])["x-forwarded-proto"]).toEqual(["http"]);
  });

  it.each([
    ["with a space in it", "a b"],
    ["that is too long", "x".repeat(129)],
    ["of nothing", ""],
  ])("has an id of our own where a trusted proxy gives one %s", (_what, given) => {
    const fields = sent({ headers: ["X-Request-Id", given] }, ["192.0.2.1"]);
    expect(fields["x-request-id"]).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/)]);
  });

  it("asks for trailers only if the client does", () => {
    expect(sent({ headers: ["TE", "gzip;q=0.5, Trailers"] })["te"]).toEqual(["trailers"]);
    expect(sent({ headers: ["TE", "gzip"] })).not.toHaveProperty("te");
  });

  it("keeps an upgrade only of an upgrade request", () => {
    const headers = ["Connection", "Upgrade, X-Key", "Upgrade", "websocket", "X-Key", "1"];
    expect(sent({ headers, upgrade: "websocket" })).toMatchObject({
      connection: ["Upgrade"],
      upgrade: ["websocket"],
    });
    expect(sent({ headers })).not.toHaveProperty("upgrade");
    expect(sent({ headers })).not.toHaveProperty("connection");
    expect(sent({ headers })).not.toHaveProperty("x-key");
  });
});

describe("a route's rules", () => {
  const headers = ["X-Gone", "1", "x-gone", "2", "X-Replaced", "1", "X-REPLACED", "2", "X-More", "1"];
  const rules = {
    remove: ["x-GONE"],
    set: { "x-replaced": "mine", "X-New": "n" },
    add: { "X-More": "2", "X-Gone": "3" },
  };

  it("remove first, then set, then add, whatever the case of the names, and leave what they do not name", () => {
    expect(answerHeaders([...headers, "X-Kept", "k"], { edit: editOf(rules) })).toEqual([
      "X-More",
      "1",
      "X-Kept",
      "k",
      "x-replaced",
      "mine",
      "X-New",
      "n",
      "X-More",
      "2",
      "X-Gone",
      "3",
      "via",
      "1.1 lblab",
    ]);
  });

  it("change what an upstream gets in the same way, beside what the balancer says", () => {
    expect(sent({ headers }, [], editOf(rules))).toMatchObject({
      "x-gone": ["3"],
      "x-replaced": ["mine"],
      "x-new": ["n"],
      "x-more": ["1", "2"],
      via: ["1.1 lblab"],
      "x-forwarded-for": ["192.0.2.1"],
    });
  });

  it("do not touch the sticky cookie, which is the balancer's own", () => {
    const edit = editOf({ remove: ["Set-Cookie"] });
    expect(answerHeaders(["Set-Cookie", "a=1"], { edit, setCookie: "lb=u1" })).toEqual([
      "via",
      "1.1 lblab",
      "set-cookie",
      "lb=u1",
    ]);
  });

  it("may give a request another Host, which is then its only one", () => {
    expect(sent({ headers: [] }, [], editOf({ set: { Host: "inside.test" } }))).toMatchObject({
      host: ["inside.test"],
      "x-forwarded-host": ["shop.test"],
    });
  });

  it.each([
    "Connection",
    "connection",
    "Content-Length",
    "Transfer-Encoding",
    "TE",
    "Trailer",
    "Upgrade",
    "Keep-Alive",
    "Expect",
    "Via",
    "X-Forwarded-For",
    "X-Request-Id",
    "X-Balancer-Flag",
    "X Y",
    "X-A:",
    "X-A\r\nX-B",
    "",
    "x".repeat(129),
  ])("cannot name %j, in no direction and in no way", (name) => {
    for (const way of ["request", "response"])
      for (const rules of [{ remove: [name] }, { set: { [name]: "1" } }, { add: { [name]: "1" } }])
        expect(headerRules.safeParse({ [way]: rules }).success).toBe(false);
  });

  it.each(["a\r\nX-Injected: 1", "a\n", "a\0b", " a", "a ", "", "\u00e9", "x".repeat(4097)])(
    "cannot give a field the value %j",
    (value) => {
      expect(headerRules.safeParse({ response: { set: { "X-A": value } } }).success).toBe(false);
      expect(headerRules.safeParse({ request: { add: { "X-A": value } } }).success).toBe(false);
    },
  );

  it.each([{ add: { host: "a" } }, { remove: ["HOST"] }, { set: { Host: "a b" } }, { set: { Host: "a/b" } }])(
    "leave a request one plain Host: %j is refused",
    (request) => expect(headerRules.safeParse({ request }).success).toBe(false),
  );
});

describe("the head of a relayed answer", () => {
  it("loses the upstream's connection fields, gains Via, and keeps repeats", () => {
    const list = ["Set-Cookie", "a=1", "Connection", "close", "Set-Cookie", "b=2", "Keep-Alive", "timeout=5"];
    expect(answerHeaders(list, { setCookie: "lb=u1" })).toEqual([
      "Set-Cookie",
      "a=1",
      "Set-Cookie",
      "b=2",
      "via",
      "1.1 lblab",
      "set-cookie",
      "lb=u1",
    ]);
  });

  it("keeps the upgrade of a tunnel", () => {
    expect(answerHeaders(["Connection", "upgrade", "Upgrade", "websocket"], { tunnel: true })).toEqual([
      "via",
      "1.1 lblab",
      "connection",
      "Upgrade",
      "upgrade",
      "websocket",
    ]);
  });
});

it.each([
  "10.0.0.0/-1",
  "10.0.0.0/33",
  "10.0.0.0/1.5",
  "10.0.0.0/",
  "::/129",
  "10.0.0.0/8/8",
  "proxy.test",
  "",
])("a trusted proxy is an address or a range of them, and not %j", (proxy) => {
  expect(() => createForwarding({ trustedProxies: [proxy], ambiguousFields: "drop" }, seeded(3))).toThrow(
    expect.objectContaining({ code: "CONFIG_INVALID" }),
  );
});

describe("the head of an answer", () => {
  it("says which way it came, where that is proved, and only by this balancer's word", () => {
    const theirs = ["X-Balancer-Way", "forged", "Date", "now"];
    expect(fieldsOf(answerHeaders(theirs))).not.toHaveProperty("x-balancer-way");
    expect(fieldsOf(answerHeaders(theirs, { way: "ours" }))).toMatchObject({ "x-balancer-way": ["ours"] });
  });

  it("names no protocol of a tunnel whose upstream named none", () => {
    const fields = fieldsOf(answerHeaders([], { tunnel: true }));
    expect(fields).toMatchObject({ connection: ["Upgrade"] });
    expect(fields).not.toHaveProperty("upgrade");
  });
});
