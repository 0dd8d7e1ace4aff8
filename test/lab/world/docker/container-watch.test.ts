import { beforeEach, describe, expect, it } from "vitest";
import { containerProcessState } from "../../../../lab/world/docker/container-process.ts";
import { createContainerWatch, type ContainerWatch } from "../../../../lab/world/docker/container-watch.ts";
import type { ContainerEvent } from "../../../../lab/world/docker/container-events.ts";
import type { Unit } from "../../../../lab/world/host.ts";
import type { OutsideStep } from "../../../../lab/world/world.ts";

let watch: ContainerWatch;
let steps: OutsideStep[];
let failures: string[];
let state: string;

beforeEach(() => {
  state = "active";
  const unit = (name: string): Unit | undefined =>
    ["probe", "web-1"].includes(name)
      ? ({ name, definition: { outside: name === "probe" }, view: { state } } as Partial<Unit> as Unit)
      : undefined;
  watch = createContainerWatch({ host: { unit } });
  steps = [];
  failures = [];
  watch.watchOutside((step) => steps.push(step));
  watch.watchInstruments((reason) => failures.push(reason));
});

const happened = (what: ContainerEvent["what"], unit: string): void =>
  watch.onEvent({ what, unit, id: unit });

describe("what is done to containers past the lab", () => {
  it.each(["pause", "unpause"] as const)("to %s one is a step", (what) => {
    happened(what, "web-1");
    expect(steps).toMatchObject([{ action: `docker ${what} web-1`, subject: "web-1" }]);
    expect(failures).toEqual([]);
  });

  it("to start one whose unit was stopped is a step, and a start that its unit is about is none", () => {
    for (state of ["activating", "active", "auto-restart"]) happened("start", "web-1");
    expect(steps).toEqual([]);
    for (state of ["inactive", "failed"]) happened("start", "web-1");
    expect(steps.map(({ action }) => action)).toEqual(["docker start web-1", "docker start web-1"]);
  });

  it("to pause an instrument makes its judgement void", () => {
    happened("pause", "probe");
    expect(failures).toEqual(["the container of probe was paused: without it users cannot be judged"]);
    expect(steps).toEqual([]);
  });

  it.each([
    ["prometheus", "die", "prometheus ended: without it nobody is paged"],
    ["alertmanager", "die", "alertmanager ended: without it nobody is paged"],
    ["prometheus", "pause", "prometheus was paused: without it nobody is paged"],
  ] as const)("%s: %s ends all paging", (unit, what, reason) => {
    happened(what, unit);
    expect(failures).toEqual([reason]);
  });

  it("the end of a unit's process is its unit's to report", () => {
    for (const unit of ["web-1", "probe", "host"]) happened("die", unit);
    expect([steps, failures]).toEqual([[], []]);
  });
});

describe("the state of a container's process", () => {
  const sight = {
    cgroupOf: (pid: number) => (pid === 7 ? "0::/docker/abc\n" : undefined),
    stateOf: () => "T",
  };

  it("is that of the process with its number, when that is in the container", () => {
    expect(containerProcessState(7, "abc", sight)).toBe("T");
  });

  it("is not known where another process has the number, or none", () => {
    expect(containerProcessState(7, "def", sight)).toBeUndefined();
    expect(containerProcessState(8, "abc", sight)).toBeUndefined();
  });
});
