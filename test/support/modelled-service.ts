import type { ProbeAnswer, ProbeRequest, Send } from "../../lab/probe/request.ts";
import type { Clock } from "../../runtime/clock.ts";

/** A service in memory, good until a test makes it otherwise. */
export interface ModelledService {
  readonly send: Send;
  /** Everything sent to it, in order. */
  readonly requests: ProbeRequest[];
  readonly sessions: Map<string, string>;
  latencyMs: number;
  /** Answers instead of the service where it returns something; `never` is silence. */
  instead: (request: ProbeRequest) => ProbeAnswer | "never" | undefined;
}

export function createModelledService(clock: Clock): ModelledService {
  let serial = 0;
  const service: ModelledService = {
    requests: [],
    sessions: new Map(),
    latencyMs: 10,
    instead: () => undefined,
    send(request, done) {
      service.requests.push(request);
      const answer = service.instead(request) ?? served(request);
      if (answer === "never") return () => {};
      return clock.after(service.latencyMs, () => done(answer));
    },
  };
  return service;

  function served({ path, cookie, nonce, body }: ProbeRequest): ProbeAnswer {
    const proof = { backend: "web-1", nonce };
    if (path === "/login") {
      const { user } = JSON.parse(body ?? "{}") as { user: string };
      const session = `auth-1.${serial++}`;
      service.sessions.set(session, user);
      return answer(200, { ...proof, user, session });
    }
    if (path === "/account") {
      const user = service.sessions.get(/session=(\S+)/.exec(cookie ?? "")?.[1] ?? "");
      return user === undefined ? answer(401, proof) : answer(200, { ...proof, user });
    }
    return answer(200, proof);
  }
}

export function answer(status: number, body: unknown, flag?: string): ProbeAnswer {
  return {
    kind: "answer",
    status,
    flag,
    body: JSON.stringify(body),
    proofs: { origin: undefined, way: undefined },
  };
}
