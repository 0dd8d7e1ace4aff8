import type { InstallRole } from "../toolkit.ts";

/** One kind of query, a few milliseconds each. */
export const installDatabase: InstallRole = ({ app, clock, metrics, answer, serve }) => {
  app.get("/query", (request, reply) => {
    const cameAt = clock.now();
    serve(request, reply, {
      done() {
        metrics.queried((clock.now() - cameAt) / 1000);
        answer(request, reply, 200, { rows: 1 });
      },
    });
  });
};
