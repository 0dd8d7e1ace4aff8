import type { CreateRole } from "../toolkit.ts";

/** One kind of query, a few milliseconds each. */
export const createDatabase: CreateRole = ({ clock, metrics }) => ({
  routes: [
    {
      method: "GET",
      path: "/query",
      handle(_request, { answer, serve }) {
        const cameAt = clock.now();
        serve({
          done() {
            metrics.queried((clock.now() - cameAt) / 1000);
            answer(200, { rows: 1 });
          },
        });
      },
    },
  ],
});
