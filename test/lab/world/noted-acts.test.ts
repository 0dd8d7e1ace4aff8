import { expect, it } from "vitest";
import { createChangeLog } from "../../../lab/world/change-log.ts";
import { notedActs } from "../../../lab/world/noted-acts.ts";
import { createManualClock } from "../../support/manual-clock.ts";

it("an act of a measure is done and noted also where the balancer's file cannot be read", async () => {
  const changes = createChangeLog(createManualClock());
  const applied: string[] = [];
  const act = notedActs(async () => ({ ok: true, message: "done" }), {
    changes,
    configText: () => undefined,
    async apply(yaml) {
      applied.push(yaml);
      return { ok: true, message: "applied" };
    },
  });
  expect(await act({ do: "config apply", yaml: "a: 1" }, "measure:auto-rollback")).toMatchObject({
    ok: true,
  });
  expect(changes.entries).toMatchObject([{ by: "measure:auto-rollback", kind: "config" }]);
  const [entry] = changes.entries;
  expect(await changes.revert(entry?.id ?? "")).toMatchObject({ ok: false });
  expect(applied).toEqual([]);
});
