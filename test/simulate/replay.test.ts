import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { handOverFragment, handOverText, type HandOver } from "../../lab/simulate/hand-over.ts";
import { openVirtualSession } from "../../lab/simulate/virtual-session.ts";
import { nodePlatform } from "../../lab/world/simulated/node-platform.ts";
import { unevenWeights } from "../../scenarios/uneven-weights/scenario.ts";
import { lblab } from "../support/command.ts";
import { handOverOf } from "../support/hand-over.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const { version: release } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")));

let handOver: HandOver;

beforeAll(async () => {
  const session = openVirtualSession(
    { scenario: unevenWeights, seed: 5 },
    { platform: nodePlatform(join(ROOT, "dashboards")) },
  );
  for (let i = 0; i < 300; i++) await session.step();
  void session.trainee.act({ do: "unit restart", unit: "web-1" });
  for (let i = 0; i < 100; i++) await session.step();
  handOver = await handOverOf(session, { release, alias: "lantern", seed: 5 });
  await session.close();
});

const answer = z.strictObject({
  schemaVersion: z.literal(1),
  scenario: z.literal("uneven-weights"),
  seed: z.literal(5),
  measures: z.strictObject({}),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  equal: z.boolean().nullable(),
});

describe("lblab replay", () => {
  it("comes to the same digest from a link and from a file", async () => {
    const directory = mkdtempSync(join(tmpdir(), "lblab-replay-"));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const file = join(directory, "drill.json");
    writeFileSync(file, handOverText(handOver));
    for (const given of [file, `https://lab.example/#${await handOverFragment(handOver)}`]) {
      const { code, out, err } = await lblab("replay", given, "--json");
      expect(code, err).toBe(0);
      expect(answer.parse(JSON.parse(out))).toMatchObject({ digest: handOver.digest, equal: true });
    }
  });

  it("ends with 4 when a call was taken out, and says that the digest is another", async () => {
    const { code, out } = await lblab("replay", handOverText({ ...handOver, calls: [] }));
    expect(code).toBe(4);
    expect(out).toContain("not equal");
  });

  it("compares nothing with what another release wrote, and reports that", async () => {
    const { code, out } = await lblab("replay", handOverText({ ...handOver, release: "0.0.1" }), "--json");
    expect(code).toBe(0);
    expect(answer.parse(JSON.parse(out)).equal).toBeNull();
  });

  it("ends with 2 and one sentence for what is no drill", async () => {
    const { code, out, err } = await lblab("replay", "drill=abc");
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toContain("this drill cannot be read");
  });
});
