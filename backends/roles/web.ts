import { bodyOf, type CallResult } from "../call.ts";
import { createPageCache, type PageCache } from "../page-cache.ts";
import { sessionOf } from "../session-cookie.ts";
import { MAX_CACHED_PAGES } from "../config.ts";
import type { Service } from "../capacity.ts";
import type { CreateRole, Fields, Reply, RoleRoute, Toolkit, Work } from "../toolkit.ts";

type Verdict = readonly [status: number, fields: Fields];

/**
 * The shop: every path is a page made with a database query, unless it is in the cache; /account is the signed-in user's
 * page.
 */
export const createWeb: CreateRole = ({ config, clock, caller }) => {
  const { database, auth = {} } = config.calls ?? {};
  const cache = config.cache && createPageCache(config.cache, { clock });
  const parts: PageParts = { database, cache, caller };
  return {
    routes: [
      ...(cache ? [fillRoute(cache)] : []),
      {
        method: "GET",
        path: "/account",
        handle({ cookie }, reply) {
          let verdict: Verdict = [401, { error: "not signed in" }];
          reply.serve({
            start(service) {
              const session = sessionOf(cookie);
              const server = session && auth[session.server];
              if (session === undefined || server === undefined) return;
              const release = service.hold();
              caller.get(server, `/session/${session.token}`, (result) => {
                verdict = judgeSession(session.server, result);
                release();
              });
            },
            done: () => reply.answer(...verdict),
          });
        },
      },
      {
        method: "GET",
        path: "/*",
        handle: ({ url }, reply) => reply.serve(new Page(url, reply, parts)),
      },
    ],
  };
};

interface PageParts extends Pick<Toolkit, "caller"> {
  readonly database: string | undefined;
  readonly cache: PageCache | undefined;
}

/** A page that is made. A class: most requests are for one. */
class Page implements Work {
  factor = 1;
  private readonly url: string;
  private readonly reply: Reply;
  private readonly parts: PageParts;
  private trouble: string | undefined = undefined;

  constructor(url: string, reply: Reply, parts: PageParts) {
    this.url = url;
    this.reply = reply;
    this.parts = parts;
  }

  start(service: Service): void {
    const { database, cache, caller } = this.parts;
    if (database === undefined || cache?.has(this.url)) return;
    const release = service.hold();
    caller.get(database, "/query", (result) => {
      this.trouble = troubleOf(result);
      if (this.trouble === undefined) cache?.add(this.url);
      release();
    });
  }

  done(): void {
    if (this.trouble === undefined) this.reply.answer(200, { page: this.url });
    else this.reply.answer(502, { error: `database: ${this.trouble}` });
  }
}

/** For a lab that starts with servers that have been up for long: fills the cache, at no cost. */
const fillRoute = (cache: PageCache): RoleRoute => ({
  method: "POST",
  path: "/cache",
  handle({ body }, reply) {
    const { prefix, count } = (body ?? {}) as { prefix?: unknown; count?: unknown };
    if (typeof prefix !== "string" || typeof count !== "number" || !(count <= MAX_CACHED_PAGES))
      return reply.answer(400, { error: 'needs a body {"prefix": PATH, "count": N}' });
    for (let i = 0; i < count; i++) cache.add(`${prefix}${i}`);
    reply.answer(200, { cached: cache.size });
  },
});

/** Why a call failed; undefined when it succeeded. */
function troubleOf(result: CallResult): string | undefined {
  if (result.kind === "failed") return result.reason;
  return result.status === 200 ? undefined : `answered ${result.status}`;
}

function judgeSession(server: string, result: CallResult): Verdict {
  const user = result.kind === "answer" && (bodyOf(result) as { user?: unknown } | null | undefined)?.user;
  if (result.kind === "answer" && result.status === 200 && typeof user === "string") return [200, { user }];
  if (result.kind === "answer" && result.status === 404)
    return [401, { error: "session unknown or expired" }];
  // A closed port is a process that is gone, and its sessions with it.
  if (result.kind === "failed" && result.refused)
    return [401, { error: `session lost: ${server} is not there` }];
  return [502, { error: `${server}: ${troubleOf(result) ?? "answered without a user"}` }];
}
