import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadScenario } from "../../../lab/contract/load-scenario.ts";
import { writeSkeleton } from "../../../lab/contract/write-skeleton.ts";
import { CodedError } from "../../../runtime/errors.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), "own-scenario-"))));
afterEach(() => rmSync(dir, { recursive: true }));

const load = (name: string) => loadScenario(name, ROOT);
const refusal = async (name: string): Promise<CodedError> => {
  const error = await load(name).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof CodedError) return error;
  throw new Error(`${name} was not refused in the right way: ${String(error)}`);
};
/** The skeleton with one part of its text put otherwise. */
const written = (from: string | RegExp, to: string): string => {
  const folder = writeSkeleton("mine", dir, ROOT);
  const file = join(folder, "scenario.ts");
  const text = readFileSync(file, "utf8");
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  writeFileSync(file, changed);
  return folder;
};

describe("a scenario of one's own", () => {
  it("is loaded from its folder or its file, in TypeScript, with the lab's own modules", async () => {
    const folder = writeSkeleton("my-incident", dir, ROOT);
    const { scenario, source } = await load(folder);
    expect(scenario.id).toBe("my-incident");
    expect(source).toBe(join(folder, "scenario.ts"));
    expect((await load(source)).folder).toBe(folder);
    expect(readFileSync(source, "utf8")).toContain('from "outage-lab/scenario"');
  });

  it("is loaded from JavaScript, and from several files", async () => {
    writeSkeleton("mine", dir, ROOT);
    const folder = join(dir, "two-files");
    mkdirSync(folder);
    for (const text of ["brief.md", "answer.md"]) writeFileSync(join(folder, text), "some words\n");
    writeFileSync(
      join(folder, "scenario.mjs"),
      'import { id } from "./id.ts";\nimport { scenario } from "../mine/scenario.ts";\nexport const another = { ...scenario, id };\n',
    );
    writeFileSync(join(folder, "id.ts"), 'export const id: string = "another-id";\n');
    expect((await load(folder)).scenario.id).toBe("another-id");
  });

  it.each([
    ["recoveryMs: 45_000", 'recoveryMs: "45"', "paces.drill.recoveryMs: ", /number/],
    [
      "timing: DRILL_TIMING,",
      "timing: DRILL_TIMING, rightfixes: [],",
      "paces.drill.rightfixes: ",
      /not a known field/,
    ],
    [
      'mechanism: "pool-throttled"',
      'mechanism: "pool-throtled"',
      "diagnosis.accepted[0].mechanism: ",
      /did you mean pool-throttled\?/,
    ],
    ['title: "Too few connections to each backend",', "", "title: ", /is missing: string expected/],
    ["(stage) =>\n      stage.pushConfig", "stage.pushConfig", "", /stage is not defined/],
    [
      '...unitsOf(topology, "web")) }',
      '"web-9") }',
      'paces.drill.wrongFixes[1].steps[0] ("restart the backends"): ',
      /there is no unit web-9/,
    ],
    ["export const scenario", "const scenario", "", /exports no scenario/],
    ["limited(TOO_FEW))", "limited(0))", "paces.drill.change: pools.web.upstreams[0].maxConnections: ", /./],
    ['alias: "meadow"', 'alias: "throttled"', "alias: ", /give it away/],
  ])("is refused with file, path and reason where %j is %j", async (from, to, path, reason) => {
    const folder = written(from, to);
    const error = await refusal(folder);
    expect(error.code).toBe("CONFIG_INVALID");
    expect(error.message).toContain(`${join(folder, "scenario.ts")}: ${path}`);
    expect(error.message).toMatch(reason);
  });

  it("that is no TypeScript is refused with the line and column", async () => {
    const folder = written("const BACKENDS = 4", "const BACKENDS = = 4");
    const { code, message } = await refusal(folder);
    expect(code).toBe("CONFIG_INVALID");
    expect(message).toBe(`${join(folder, "scenario.ts")}:31:17: Unexpected token`);
  });

  it("that imports what is not there is refused with its name", async () => {
    const folder = written('from "outage-lab/scenario"', 'from "outage-lab/scenery"');
    const { code, message } = await refusal(folder);
    expect(code).toBe("CONFIG_INVALID");
    expect(message).toBe(`${join(folder, "scenario.ts")}: Cannot find module 'outage-lab/scenery'`);
  });

  it("needs a brief and an answer", async () => {
    const folder = writeSkeleton("mine", dir, ROOT);
    writeFileSync(join(folder, "answer.md"), " \n");
    expect((await refusal(folder)).message).toContain("answer.md: is missing or empty");
  });

  it("that is not there says what to do", async () => {
    expect(await refusal(join(dir, "nowhere"))).toMatchObject({ code: "NOT_FOUND" });
    expect((await refusal(dir)).hint).toContain("lblab scenario new");
  });
});

describe("a new scenario", () => {
  it("overwrites nothing", () => {
    writeSkeleton("mine", dir, ROOT);
    expect(() => writeSkeleton("mine", dir, ROOT)).toThrow(/is there already/);
    writeFileSync(join(dir, "taken"), "");
    expect(() => writeSkeleton("taken", dir, ROOT)).toThrow(/is there already/);
  });

  it.each(["", "No Capitals", "../up", "a/b", "-x", "port-conflict"])("is not called %j", (name) => {
    expect(() => writeSkeleton(name, dir, ROOT)).toThrow(CodedError);
  });
});
