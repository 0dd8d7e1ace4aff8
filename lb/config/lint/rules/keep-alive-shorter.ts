import type { Rule } from "../rule.ts";

/** How long the engines keep an idle connection to an upstream that announces nothing. */
const OURS_MS = 30_000;

export const rule: Rule = {
  code: "KEEP_ALIVE_SHORTER",
  severity: "warning",
  title: "An upstream keeps idle connections for less long than the balancer",
  page: `The upstream announces (Keep-Alive: timeout=N) that it closes idle connections before the balancer would. A request that
is sent while the upstream closes gets a reset: rare, hard to repeat, 502 with flag UC. The balancer obeys what is
announced and repeats a request that met a closed connection once; another client, or a second balancer, may do neither.
An upstream that announces nothing is not seen here.

Set the upstream's keep-alive above the balancer's 30 s.`,
  find: ({ config, answers }) =>
    answers.flatMap(({ pool, index, announcedIdleMs }) => {
      const name = config.pools[pool]?.upstreams[index]?.name;
      if (name === undefined || announcedIdleMs === undefined || announcedIdleMs >= OURS_MS) return [];
      const message = `${name} closes idle connections after ${announcedIdleMs / 1000} s, the balancer keeps them ${OURS_MS / 1000} s`;
      return [{ path: ["pools", pool, "upstreams", index], message }];
    }),
};
