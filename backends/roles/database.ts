import type { CreateRole } from "../toolkit.ts";

/** One kind of query, a few milliseconds each. */
export const createDatabase: CreateRole = ({ clock, metrics }) => ({
  routes: [
    {
      method: "GET",
      path: "/query",
      handle(_request, reply) {
        const cameAt = clock.now();
        reply.serve({
          done() {
            metrics.queried((clock.now() - cameAt) / 1000);
            reply.answer(200, { rows: 1 });
          },
        });
      },
    },
  ],
});
