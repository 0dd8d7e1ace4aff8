import type { ProbeRecord } from "../../lab/probe/record.ts";

/** A page that came as it should, but for what the test gives. */
export const probed = (given: Partial<ProbeRecord> = {}): ProbeRecord => ({
  sentAt: 0,
  user: 0,
  route: "page",
  result: "ok",
  status: 200,
  backend: "web-1",
  flag: undefined,
  durationMs: 50,
  ...given,
});

/** A page that its backend answered with this status. */
export const failedWith = (status: number, given: Partial<ProbeRecord> = {}): ProbeRecord =>
  probed({ result: "status", status, ...given });
