import { carried } from "../session-cookie.ts";
import type { CreateRole } from "../toolkit.ts";

/** Signing in takes a slot; the lookup of a session takes none. */
export const createAuth: CreateRole = ({ config, sessions }) => {
  if (!sessions) throw new Error("an auth server needs sessions");
  const signIn = (user: string): string => carried({ server: config.name, token: sessions.create(user) });
  return {
    routes: [
      {
        method: "POST",
        path: "/login",
        handle({ body }, reply) {
          const user = (body as { user?: unknown } | null | undefined)?.user;
          if (typeof user !== "string" || user === "" || user.length > 64)
            return reply.answer(400, { error: 'needs a body {"user": NAME}' });
          reply.serve({
            done() {
              const session = signIn(user);
              reply.answer(200, { user, session }, `session=${session}; Path=/; HttpOnly`);
            },
          });
        },
      },
      {
        // For a lab that starts with signed-in users: one session for each name, at no cost.
        method: "POST",
        path: "/sessions",
        handle({ body }, reply) {
          const users = (body as { users?: unknown } | null | undefined)?.users;
          if (!Array.isArray(users) || !users.every((user) => typeof user === "string" && user !== ""))
            return reply.answer(400, { error: 'needs a body {"users": [NAME, ...]}' });
          reply.answer(200, { sessions: users.map((user: string) => signIn(user)) });
        },
      },
      {
        method: "GET",
        path: "/session/:token",
        handle({ params }, reply) {
          const user = sessions.get(params["token"] ?? "");
          if (user === undefined) reply.answer(404, { error: "session unknown or expired" });
          else reply.answer(200, { user });
        },
      },
    ],
  };
};
