import type { Remark, Rule } from "../rule.ts";
import { eachPool } from "../each-pool.ts";

export const rule: Rule = {
  code: "SAME_ADDRESS",
  severity: "warning",
  title: "Two upstreams of a pool with the same address",
  page: `They are one backend: it gets the share of both, a retry on the other one meets it again, and the pool has fewer backends
than it seems to have.

Correct the address, or give the one upstream the weight of both.`,
  find: ({ config }) =>
    eachPool(config, ({ upstreams }, path) => {
      const first = new Map<string, string>();
      return upstreams.flatMap(({ name, address }, index): Remark[] => {
        const twin = first.get(address);
        if (twin === undefined) {
          first.set(address, name);
          return [];
        }
        return [
          {
            path: [...path, "upstreams", index, "address"],
            message: `${name} and ${twin} are the same backend, ${address}`,
          },
        ];
      });
    }),
};
