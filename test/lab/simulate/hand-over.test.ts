import { describe, expect, it } from "vitest";
import {
  handOverFragment,
  handOverText,
  readHandOver,
  type HandOver,
} from "../../../lab/simulate/hand-over.ts";

const HAND_OVER: HandOver = {
  release: "0.1.0",
  alias: "lantern",
  seed: 7,
  pace: "drill",
  timeLimitMs: null,
  measures: {},
  calls: [
    { step: 400, name: "changes", input: {} },
    { step: 400, name: "config", input: { version: 1 } },
    { step: 612, name: "act", input: { do: "config rollback", version: 1 } },
    { step: 900, name: "end", input: {} },
  ],
  steps: 1300,
  digest: "0123456789abcdef".repeat(4),
};

const changed = (change: (value: Record<string, unknown>) => void): string => {
  const value = JSON.parse(handOverText(HAND_OVER)) as Record<string, unknown>;
  change(value);
  return JSON.stringify(value);
};

describe("a drill's hand-over", () => {
  it("is read as it was written, as a file, a fragment and a whole link", async () => {
    const fragment = await handOverFragment(HAND_OVER);
    for (const given of [
      handOverText(HAND_OVER),
      fragment,
      `#${fragment}`,
      `  https://lab.example/site/#theme=dark&${fragment}\n`,
    ])
      expect(await readHandOver(given ?? "")).toEqual(HAND_OVER);
  });

  it("is no link where programs that pass links on would cut it", async () => {
    let chance = 1;
    const calls = Array.from({ length: 3000 }, (_, i) => {
      chance = (chance * 48_271) % 2_147_483_647;
      return { step: i, name: "logs", input: { unit: `web-${chance}` } } as const;
    });
    expect(await handOverFragment({ ...HAND_OVER, calls })).toBeUndefined();
  });

  it("is refused with a sentence when it was cut anywhere", async () => {
    const fragment = (await handOverFragment(HAND_OVER)) ?? "";
    for (let length = "drill=".length + 1; length < fragment.length; length += 1)
      await expect(readHandOver(fragment.slice(0, length)), `${length} characters`).rejects.toThrow(
        "this drill cannot be read: it was cut, or changed on its way",
      );
  });

  it.each([
    ["a newer format", changed((value) => (value["format"] = 2)), "a newer one wrote it"],
    ["an unknown key", changed((value) => (value["surprise"] = 1)), "surprise"],
    ["an unknown operation", changed((value) => (value["calls"] = [[1, "shutdown", {}]])), "calls"],
    [
      "an input that means nothing",
      changed((value) => (value["calls"] = [[1, "act", { do: "everything" }]])),
      "call 1 (act) means nothing",
    ],
    [
      "calls out of order",
      changed((value) => (value["calls"] = [[5, "check", {}], [4, "check", {}]])), // prettier-ignore
      "call 2 comes before the one ahead of it",
    ],
    ["a name that is a path", changed((value) => (value["alias"] = "../../etc")), "alias"],
    ["nothing at all", "", "no JSON, and no link of a drill"],
  ])("is refused with %s", async (_, given, why) => {
    await expect(readHandOver(given)).rejects.toThrow(why);
  });

  it("unpacks to no more than a drill can be", async () => {
    const bomb = new Blob([new Uint8Array(20 * 1024 * 1024)])
      .stream()
      .pipeThrough(new CompressionStream("deflate-raw"));
    const packed = Buffer.from(await new Response(bomb).arrayBuffer()).toString("base64url");
    await expect(readHandOver(`drill=${packed}`)).rejects.toThrow("unpacks to more than 16 MB");
  });
});
