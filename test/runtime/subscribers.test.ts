import { describe, expect, it } from "vitest";
import { createSubscribers } from "../../runtime/subscribers.ts";

describe("subscribers", () => {
  it("are notified in the order in which they came, until they cancel", () => {
    const all = createSubscribers<number>();
    const seen: string[] = [];
    all.add((n) => seen.push(`a${n}`));
    const cancel = all.add((n) => seen.push(`b${n}`));
    all.emit(1);
    cancel();
    cancel();
    all.emit(2);
    expect(seen).toEqual(["a1", "b1", "a2"]);
    expect(all.size).toBe(1);
  });

  it("are as many as subscriptions, also of one function", () => {
    const all = createSubscribers<void>();
    let times = 0;
    const run = () => void times++;
    const cancel = all.add(run);
    all.add(run);
    cancel();
    all.emit();
    expect(times).toBe(1);
  });

  it("that are cancelled by an earlier one are not notified any more, and those that come meanwhile not yet", () => {
    const all = createSubscribers<void>();
    const seen: string[] = [];
    all.add(() => {
      seen.push("first");
      cancel();
      all.add(() => seen.push("late"));
    });
    const cancel = all.add(() => seen.push("cancelled"));
    all.emit();
    expect(seen).toEqual(["first"]);
  });
});
