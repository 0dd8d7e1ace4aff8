import { expect, it } from "vitest";
import { createTally } from "../../../lab/load/tally.ts";

it("everything sent is answered, refused, lost, timed out or under way", () => {
  const tally = createTally();
  for (let i = 0; i < 10; i++) tally.sent();
  tally.answered(200, 5);
  tally.answered(503, 5, "web-1");
  tally.answered(404, 5);
  tally.unanswered("refused");
  tally.unanswered("lost");
  tally.unanswered("lost");
  tally.unanswered("timeouts");
  expect(tally.totals()).toEqual({
    sent: 10,
    answered: 3,
    refused: 1,
    lost: 2,
    timeouts: 1,
    inFlight: 3,
    failed: 5,
    statuses: { 200: 1, 404: 1, 503: 1 },
    backends: { "web-1": { answered: 1, failed: 1 } },
  });
});
