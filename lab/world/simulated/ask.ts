import type { Clock } from "../../../runtime/clock.ts";
import type { NetworkEnd, WireAnswer, WireRequest } from "./network.ts";

/** Sends one request; resolves with the answer, or with why there is none. */
export function ask(
  network: Pick<NetworkEnd, "send">,
  promises: Clock,
  port: number,
  request: WireRequest,
): Promise<WireAnswer | "refused" | "unreachable" | "cut"> {
  return new Promise((resolve) => {
    const settle = (answer: WireAnswer | "refused" | "unreachable" | "cut"): void =>
      void promises.after(0, () => resolve(answer));
    network.send({ host: "127.0.0.1", port }, request, { answered: settle, failed: settle });
  });
}
