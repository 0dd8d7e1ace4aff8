import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { LEASE_MS, readSupervisorInput } from "../../runtime/supervisor-input.ts";
import { createManualClock } from "../support/manual-clock.ts";

function bench() {
  const clock = createManualClock();
  const input = new PassThrough();
  let losses = 0;
  const line = readSupervisorInput(input, { clock, onLost: () => losses++ });
  return { clock, input, line, losses: () => losses };
}

/** Bytes reach a stream's reader in a later turn. */
const turn = (): Promise<void> => new Promise(setImmediate);

it("the first line is the private one, wherever it is cut, and later lines do not change it", async () => {
  const text = "schlüssel-1\n\nanother\n";
  const bytes = Buffer.from(text);
  for (let cut = 1; cut < bytes.length; cut++) {
    const { input, line } = bench();
    input.write(bytes.subarray(0, cut));
    input.write(bytes.subarray(cut));
    expect(await line, `cut at ${cut}`).toBe("schlüssel-1");
  }
});

it("an empty line is passed on as an empty one", async () => {
  const { input, line } = bench();
  input.write("\n");
  expect(await line).toBe("");
});

it("every byte renews the lease, and without one it is lost once", async () => {
  const { clock, input, losses } = bench();
  for (let i = 0; i < 3; i++) {
    clock.advance(LEASE_MS - 1);
    input.write("\n");
    await turn();
  }
  expect(losses()).toBe(0);
  clock.advance(LEASE_MS);
  expect(losses()).toBe(1);
  input.end();
  await turn();
  expect(losses()).toBe(1);
});

it("a process that never gets a byte has lost its supervisor, too", () => {
  const { clock, losses } = bench();
  clock.advance(LEASE_MS);
  expect(losses()).toBe(1);
});

it("the end of standard input is the supervisor's end", async () => {
  const { input, losses } = bench();
  input.end("key\n");
  await turn();
  expect(losses()).toBe(1);
});
