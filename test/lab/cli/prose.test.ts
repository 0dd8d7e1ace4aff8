import { describe, expect, it } from "vitest";
import { reflowed, wrapped } from "../../../lab/cli/prose.ts";

const LONG =
  "the balancer's routine update is done, web got a release, and the database rebuilds an index tonight";

describe("text for a terminal", () => {
  it("breaks at words, and leaves a text without a terminal as it is", () => {
    const lines = wrapped(LONG, 40).split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
    expect(lines.join(" ")).toBe(LONG);
    expect(wrapped(LONG, Infinity)).toBe(LONG);
  });

  it("goes on under the text of a list's item", () => {
    expect(wrapped(`- ${LONG}`, 40).split("\n")[1]).toMatch(/^ {2}\S/);
  });

  it("joins the lines of a paragraph before it breaks them, and no others", () => {
    const file = "# Night\n\nIt is late,\nand you are\nalone.\n\n- one\n- two\n  more\n\n```\na\nb\n```";
    expect(reflowed(file, 80)).toBe(
      "# Night\n\nIt is late, and you are alone.\n\n- one\n- two\n  more\n\n```\na\nb\n```",
    );
  });
});
