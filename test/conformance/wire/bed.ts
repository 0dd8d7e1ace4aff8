import type { EngineName } from "../../../lb/transport/engines.ts";
import { liveBalancer, type LiveBalancer } from "../../support/live-balancer.ts";
import { rawClient, type RawClient } from "../../support/clients.ts";
import { until } from "../../support/until.ts";
import { recordingUpstream, type RecordingUpstream, type Serve } from "./recording-upstream.ts";
import { readAnswers, type AnswersSeen } from "./strict-answer.ts";

/** A balancer with one recording upstream behind it. */
export interface Bed {
  readonly lb: LiveBalancer;
  readonly upstream: RecordingUpstream;
  close(): Promise<void>;
}

type BedOptions = NonNullable<Parameters<typeof liveBalancer>[2]>;

export async function createBed(engine: EngineName, serve?: Serve, options: BedOptions = {}): Promise<Bed> {
  const upstream = await recordingUpstream(serve);
  const lb = await liveBalancer(engine, [upstream], options);
  return {
    lb,
    upstream,
    async close() {
      await lb.close();
      await upstream.close();
    },
  };
}

/** Waits until a client has so many whole answers to requests of these methods, or can get no more. */
export async function answersTo(client: RawClient, methods: readonly string[]): Promise<AnswersSeen> {
  let end: "ended" | "reset" | undefined;
  void client.closed.then((how) => (end = how));
  return until(
    () => {
      const seen = readAnswers(client.received, methods, end === "ended");
      return (
        (seen.answers.length === methods.length || seen.wrong !== undefined || end !== undefined) && seen
      );
    },
    `answers to ${methods.join(", ")} in ${client.received}`,
  );
}

/** Nothing is in flight any more, and a client of its own is served: what was to reach an upstream has reached it. */
export async function settled({ lb }: Bed): Promise<void> {
  await lb.idle();
  const client = await rawClient(lb.port);
  client.send("GET /settled HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const { answers } = await answersTo(client, ["GET"]);
  if (answers[0]?.status !== 200) throw new Error(`the next client is not served: ${client.received}`);
}
