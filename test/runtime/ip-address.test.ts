import { BlockList, isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressBytes, isInRange, isIpv4, isIpv6, parseAddressRange } from "../../runtime/ip-address.ts";

const byte = fc.integer({ min: 0, max: 255 });
const ipv4 = fc.tuple(byte, byte, byte, byte).map((parts) => parts.join("."));
const ipv6 = fc.oneof(
  fc.ipV6(),
  ipv4.map((tail) => `::ffff:${tail}`),
  ipv4.map((tail) => `64:ff9b::${tail}`),
  ipv4.map((tail) => `::${tail}`),
);
const address = fc.oneof(ipv4, ipv6);
/** What is nearly an address: other bases, parts too few, too many, too large, zones, blanks. */
const nearly = fc
  .tuple(
    fc.oneof(address, fc.stringMatching(/^[0-9a-fx:.%/ ]{0,20}$/)),
    fc.integer({ min: 0, max: 40 }),
    fc.constantFrom("", "0", "00", "1", ":", "::", ".", "%", "%eth0", "f", "g", "x", "0x", " ", "/8", "256"),
    fc.boolean(),
  )
  .map(([text, at, inserted, cut]) => text.slice(0, at) + inserted + text.slice(cut ? at + 1 : at));
const runs = { numRuns: 5000 };

describe("IP addresses", () => {
  it("are what node:net takes for some", () => {
    fc.assert(
      fc.property(fc.oneof(address, nearly), (text) => {
        expect([text, isIpv4(text), isIpv6(text)]).toEqual([text, isIP(text) === 4, isIP(text) === 6]);
      }),
      runs,
    );
  });

  it.each([
    "",
    "1.2.3",
    "1.2.3.4.5",
    "01.2.3.4",
    "0x1.2.3.4",
    "1.2.3.256",
    "::",
    "::1",
    ":1",
    "1::2::3",
    "::1.2.3",
    "::01.2.3.4",
    "::ffff:1.2.3.4",
    "1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:1.2.3.4",
    "1:2:3:4:5:6:7:1.2.3.4",
    "12345::",
    "fe80::1%eth0",
    "fe80::1%",
    "%eth0",
    "1.2.3.4%eth0",
    "::1\n",
    "1:2:3:4:5:6:7::",
    "::2:3:4:5:6:7:8",
    "1:2:3:4::5:6:7:8",
  ])("'%s' is judged as by node:net", (text) => {
    expect([isIpv4(text), isIpv6(text)]).toEqual([isIP(text) === 4, isIP(text) === 6]);
  });
});

describe("ranges of addresses", () => {
  const family = (text: string) => (isIP(text) === 4 ? "ipv4" : "ipv6");
  const range = address.chain((text) =>
    fc.tuple(fc.constant(text), fc.integer({ min: 0, max: isIP(text) === 4 ? 32 : 128 })),
  );
  /** Mostly near the range: two addresses by chance never lie together. */
  const cases = fc.tuple(range, fc.oneof(address, fc.tuple(fc.nat(15), byte)), fc.boolean());

  it("hold what node:net's BlockList holds", () => {
    fc.assert(
      fc.property(cases, ([[first, bits], other, mapped]) => {
        const list = new BlockList();
        list.addSubnet(first, bits, family(first));
        const peer = typeof other === "string" ? other : changed(first, other, mapped);
        const parsed = parseAddressRange(`${first}/${bits}`);
        const bytes = addressBytes(peer);
        const held = parsed !== undefined && bytes !== undefined && isInRange(bytes, parsed);
        expect([first, bits, peer, held]).toEqual([first, bits, peer, list.check(peer, family(peer))]);
      }),
      runs,
    );
  });

  /** The address with one byte of its 16 changed, in either of the ways to write it. */
  function changed(text: string, [at, to]: readonly [number, number], mapped: boolean): string {
    const bytes = [...(addressBytes(text) ?? [])];
    bytes[isIP(text) === 4 ? 12 + (at % 4) : at] = to;
    if (isIP(text) === 4 && !mapped) return bytes.slice(12).join(".");
    const hex = bytes.map((one) => one.toString(16).padStart(2, "0")).join("");
    return (hex.match(/.{4}/g) ?? []).join(":");
  }

  it.each(["", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "::/129", "::/x", "shop/8", "/8"])(
    "'%s' is none",
    (text) => expect(parseAddressRange(text)).toBeUndefined(),
  );
});
