import { carried } from "../session-cookie.ts";
import type { InstallRole } from "../toolkit.ts";

/** Signing in costs a slot; telling whose session a token is costs nothing worth counting. */
export const installAuth: InstallRole = ({ config, app, sessions, answer, serve }) => {
  if (!sessions) throw new Error("an auth server needs sessions");

  app.post("/login", (request, reply) => {
    const user = (request.body as { user?: unknown } | null | undefined)?.user;
    if (typeof user !== "string" || user === "" || user.length > 64)
      return answer(request, reply, 400, { error: 'needs a body {"user": NAME}' });
    serve(request, reply, {
      done() {
        const session = carried({ server: config.name, token: sessions.create(user) });
        reply.header("set-cookie", `session=${session}; Path=/; HttpOnly`);
        answer(request, reply, 200, { user, session });
      },
    });
  });

  // For a lab that starts with users who signed in long ago: as many sessions as there are names, at no cost.
  app.post("/sessions", (request, reply) => {
    const users = (request.body as { users?: unknown } | null | undefined)?.users;
    if (!Array.isArray(users) || !users.every((user) => typeof user === "string" && user !== ""))
      return answer(request, reply, 400, { error: 'needs a body {"users": [NAME, ...]}' });
    answer(request, reply, 200, {
      sessions: users.map((user: string) => carried({ server: config.name, token: sessions.create(user) })),
    });
  });

  app.get<{ Params: { token: string } }>("/session/:token", (request, reply) => {
    const user = sessions.get(request.params.token);
    if (user === undefined) answer(request, reply, 404, { error: "session unknown or expired" });
    else answer(request, reply, 200, { user });
  });
};
