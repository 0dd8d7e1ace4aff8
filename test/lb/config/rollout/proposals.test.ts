import { beforeEach, describe, expect, it } from "vitest";
import { createChangeLog, type ChangeLog } from "../../../../lb/config/rollout/change-log.ts";
import type { Identity } from "../../../../lb/config/rollout/identity.ts";
import { createProposals, type Proposals } from "../../../../lb/config/rollout/proposals.ts";
import type { PushTerms } from "../../../../lb/config/config-control.ts";
import { declareMetrics } from "../../../../lb/telemetry/metrics.ts";
import { silentLog } from "../../../../runtime/log.ts";
import { createManualClock } from "../../../support/manual-clock.ts";

const ANN: Identity = { name: "ann", role: "reviewer" };
const BOB: Identity = { name: "bob", role: "operator" };
const EVE: Identity = { name: "eve", role: "viewer" };
const VERSION = { version: 2, at: "", author: "", reason: "", sha256: "", findings: [] };

let changes: ChangeLog;
let metrics: ReturnType<typeof declareMetrics>["rollout"];
let text: string | undefined;
let isFull: boolean;
let inForce: number;
let refused: string[];
let made: { way: string; yaml: string; terms: PushTerms; options?: unknown }[];
let proposals: Proposals;

beforeEach(() => {
  let written = "";
  const lines = { read: () => written, append: (line: string) => void (written += `${line}\n`) };
  const clock = createManualClock();
  changes = createChangeLog(lines, { clock, log: silentLog, onLost: () => expect.fail() });
  metrics = declareMetrics().rollout;
  [text, isFull, inForce, refused, made] = [undefined, false, 1, [], []];
  proposals = createProposals({
    log: silentLog,
    changes,
    metrics,
    digest: (given) => `digest of ${given}`,
    texts: {
      read: () => text,
      write(yaml) {
        if (isFull) throw new Error("no space left");
        text = yaml;
      },
      remove: () => (text = undefined),
    },
    gate: { refused: (_push, error) => refused.push((error as { reason: string }).reason) },
    inForce: () => inForce,
    control: () => ({
      examine: async () => [],
      apply: async (yaml, _note, terms = {}) => {
        made.push({ way: "apply", yaml: yaml as string, terms });
        return VERSION;
      },
    }),
    canary: () => ({
      start: async (yaml, _note, options, terms = {}) => {
        made.push({ way: "canary", yaml: yaml as string, terms, options });
        return VERSION;
      },
    }),
  });
});

const propose = (yaml: string, by = "bob") => proposals.propose(yaml, { author: by, reason: "why" }, {});
const events = () => changes.inspect().lines.map(({ event }) => event);
const waiting = () => metrics.proposals.of().value;

describe("a proposal", () => {
  it("waits with its text, and is in the metrics", async () => {
    expect([proposals.open, waiting()]).toEqual([undefined, 0]);
    const { proposal } = await propose("one");
    expect(proposal).toMatchObject({ id: 1, by: "bob", reason: "why", over: 1, sha256: "digest of one" });
    expect(proposals.open).toMatchObject({ id: 1, yaml: "one", stale: false });
    expect(waiting()).toBe(1);
    inForce = 2;
    expect(proposals.open?.stale).toBe(true);
  });

  it("takes the place of an own one and of a stale one, and of no other", async () => {
    await propose("one");
    await propose("two");
    await expect(propose("three", "carl")).rejects.toMatchObject({ code: "CONFIG_CONFLICT" });
    expect(proposals.open).toMatchObject({ id: 2, yaml: "two" });
    inForce = 2;
    await propose("three", "carl");
    expect(proposals.open).toMatchObject({ id: 3, yaml: "three", by: "carl" });
    expect(changes.inspect().lines.filter(({ event }) => event === "withdrawn")).toMatchObject([
      { id: 1, by: "bob", reason: "another one takes its place" },
      { id: 2, by: "carl", reason: "it was stale" },
    ]);
  });

  it("does not wait when its text cannot be kept", async () => {
    isFull = true;
    await expect(propose("one")).rejects.toMatchObject({ code: "DISK" });
    expect([proposals.open, waiting()]).toEqual([undefined, 0]);
  });
});

describe("an approval", () => {
  it("is a reviewer's, and no author's own", async () => {
    await propose("one", "ann");
    await expect(proposals.approve(1, ANN, "")).rejects.toMatchObject({ reason: "own" });
    await expect(proposals.approve(1, BOB, "")).rejects.toMatchObject({ reason: "role" });
    await expect(proposals.approve(1, EVE, "")).rejects.toMatchObject({ reason: "role" });
    expect([refused, made, waiting()]).toEqual([["own", "role", "role"], [], 1]);
  });

  it("puts it in force over the version that it was made for, under both names, and then nobody waits", async () => {
    await propose("one");
    await proposals.approve(1, ANN, "fine");
    expect(made).toMatchObject([
      { way: "apply", yaml: "one", terms: { way: "approved", by: ANN, approvedBy: "ann", expected: [1] } },
    ]);
    expect([proposals.open, text, waiting()]).toEqual([undefined, undefined, 0]);
    expect(events()).toEqual(["proposed", "approved"]);
    expect(changes.inspect().lines.at(-1)).toMatchObject({ id: 1, by: "ann", reason: "fine" });
  });

  it("starts it as a canary where options say so", async () => {
    await propose("one");
    await proposals.approve(1, ANN, "", { share: 0.1 });
    expect(made).toMatchObject([{ way: "canary", options: { share: 0.1 }, terms: { approvedBy: "ann" } }]);
  });

  it("needs the number of the one that waits, and its text as it was", async () => {
    await expect(proposals.approve(1, ANN, "")).rejects.toMatchObject({
      code: "NOT_FOUND",
      hint: "propose one",
    });
    await propose("one");
    await expect(proposals.approve(2, ANN, "")).rejects.toMatchObject({
      code: "NOT_FOUND",
      hint: "number 1 does",
    });
    text = "another";
    await expect(proposals.approve(1, ANN, "")).rejects.toMatchObject({ code: "DISK" });
    text = undefined;
    await expect(proposals.approve(1, ANN, "")).rejects.toMatchObject({ code: "DISK" });
    expect(proposals.open?.yaml).toBe("");
    expect(made).toEqual([]);
  });
});

describe("a rejection", () => {
  it("is a reviewer's, or its author's, who takes it back", async () => {
    await propose("one");
    expect(() => proposals.reject(1, { name: "carl", role: "operator" }, "")).toThrow("is no reviewer");
    expect(() => proposals.reject(1, { name: "bob", role: "viewer" }, "")).toThrow("is no reviewer");
    expect(refused).toEqual(["role", "role"]);
    proposals.reject(1, BOB, "a mistake");
    expect([proposals.open, text, waiting()]).toEqual([undefined, undefined, 0]);
    await propose("two");
    expect(proposals.reject(2, ANN, "no")).toMatchObject({ id: 2 });
    expect(events()).toEqual(["proposed", "withdrawn", "proposed", "rejected"]);
  });
});
