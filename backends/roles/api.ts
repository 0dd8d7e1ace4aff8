import type { CallResult } from "../call.ts";
import type { CreateRole, Fields } from "../toolkit.ts";

/** Another team's API: it has nothing to say without the shop, which it asks like any of the shop's users. */
export const createApi: CreateRole = ({ config, caller }) => {
  const shop = config.calls?.shop;
  return {
    routes: [
      {
        method: "GET",
        path: "/orders",
        handle(_request, { answer, serve }) {
          let verdict: readonly [number, Fields] = [502, { error: "no shop configured" }];
          serve({
            start(service) {
              if (shop === undefined) return;
              const release = service.hold();
              caller.get(shop, "/", (result) => {
                verdict = judge(result);
                release();
              });
            },
            done: () => answer(...verdict),
          });
        },
      },
    ],
  };
};

function judge(result: CallResult): readonly [number, Fields] {
  if (result.kind === "failed") return [502, { error: `shop: ${result.reason}` }];
  if (result.status !== 200) return [502, { error: `shop: answered ${result.status}` }];
  const backend = (result.body as { backend?: unknown } | null | undefined)?.backend;
  if (typeof backend !== "string")
    return [502, { error: "shop: answered with something else than the shop" }];
  return [200, { shop: result.body }];
}
