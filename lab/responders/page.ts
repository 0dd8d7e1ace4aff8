import { sleep } from "../../runtime/clock.ts";
import type { AlertView } from "../observe/alert-log.ts";
import type { ResponderOptions } from "./responder.ts";
import type { Trainee } from "../trainee/trainee.ts";

const LOOK_EVERY_MS = 500;

/** Waits for the pager. Undefined when it stays silent: then there is nothing to do. */
export async function awaitPage(
  trainee: Trainee,
  { clock, signal, say, waitMs }: ResponderOptions,
): Promise<AlertView | undefined> {
  const deadline = clock.now() + waitMs;
  for (;;) {
    const page = (await trainee.status()).alerts.find(
      ({ severity, state, notifiedAt }) =>
        severity === "page" && state === "firing" && notifiedAt !== undefined,
    );
    if (page) {
      say(`paged: ${page.name}: ${page.summary}`);
      return page;
    }
    if (clock.now() > deadline) {
      say("no page: nothing to do");
      return undefined;
    }
    await sleep(clock, LOOK_EVERY_MS, signal);
  }
}
