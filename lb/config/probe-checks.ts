import { Agent, request } from "node:http";
import type { Clock } from "../../runtime/clock.ts";
import { messageOf, systemCode } from "../../runtime/errors.ts";
import type { CheckAnswer } from "./lint/rule.ts";
import type { BalancerConfig } from "./schema.ts";
import { checkHeaders } from "../transport/health-check.ts";
import type { CheckRequest } from "../transport/transport.ts";
import { type Target, parseAddress } from "../address.ts";

/** A large pool is probed in part: faults of its checks appear at the first ones. */
const MAX_PROBES = 64;
const TOGETHER = 16;
/** A person who validates a file should not wait for the timeout of a check, which may be a minute. */
const MAX_TIMEOUT_MS = 2000;

/** Sends the request of its health check once to each upstream that takes requests. Never rejects. */
export async function probeChecks({ pools }: BalancerConfig, clock: Clock): Promise<readonly CheckAnswer[]> {
  const wanted = Object.entries(pools)
    .flatMap(([pool, { health, upstreams }]) =>
      upstreams.flatMap(({ address, state }, index) =>
        health && state === "ready" ? [{ pool, index, address, health }] : [],
      ),
    )
    .slice(0, MAX_PROBES);
  const answers: CheckAnswer[] = [];
  async function work(): Promise<void> {
    for (let next = wanted.shift(); next; next = wanted.shift()) {
      const { pool, index, address, health } = next;
      const timeoutMs = Math.min(health.timeoutMs, MAX_TIMEOUT_MS);
      answers.push({ pool, index, ...(await askOnce(parseAddress(address), health, timeoutMs, clock)) });
    }
  }
  await Promise.all(Array.from({ length: TOGETHER }, work));
  return answers;
}

function askOnce(
  { host, port }: Target,
  ask: CheckRequest,
  timeoutMs: number,
  clock: Clock,
): Promise<Pick<CheckAnswer, "status" | "detail" | "announcedIdleMs">> {
  // Kept alive, since only then an upstream announces its idle timeout.
  const agent = new Agent({ keepAlive: true });
  return new Promise((resolve) => {
    const done = (status: number | undefined, detail: string, announcedIdleMs?: number) => {
      cancel();
      resolve({ status, detail, announcedIdleMs });
      probe.destroy();
      agent.destroy();
    };
    const probe = request({ host, port, path: ask.path, agent, headers: checkHeaders(ask) }, (response) => {
      response.on("error", () => {});
      const [, seconds] = /timeout=(\d{1,6})/i.exec(String(response.headers["keep-alive"])) ?? [];
      const status = response.statusCode ?? 0;
      done(status, `HTTP ${status}`, seconds === undefined ? undefined : Number(seconds) * 1000);
    });
    const cancel = clock.after(timeoutMs, () => done(undefined, `no answer in ${timeoutMs} ms`));
    probe.on("error", (error) => done(undefined, systemCode(error) ?? messageOf(error)));
    probe.end();
  });
}
