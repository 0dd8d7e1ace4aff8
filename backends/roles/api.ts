import { isProved } from "../../runtime/answer-proof.ts";
import type { Keys } from "../../runtime/keys.ts";
import { bodyOf, type CallResult } from "../call.ts";
import type { CreateRole, Fields } from "../toolkit.ts";

/**
 * Another team's API: it depends on the shop, which it calls like any of the shop's users, at the balancer.
 * For a request with a nonce it requires a proof of the shop.
 */
export const createApi: CreateRole = ({ config, caller, keys }) => {
  const shop = config.calls?.shop;
  const isFromShop = createIsFromShop(shop, keys);
  return {
    routes: [
      {
        method: "GET",
        path: "/orders",
        handle({ nonce }, reply) {
          let verdict: readonly [number, Fields] = [502, { error: "no shop configured" }];
          reply.serve({
            start(service) {
              if (shop === undefined) return;
              const release = service.hold();
              caller.get(
                shop,
                PATH,
                (result) => {
                  verdict = judge(result, nonce === undefined || isFromShop(nonce, result));
                  release();
                },
                nonce,
              );
            },
            done: () => reply.answer(...verdict),
          });
        },
      },
    ],
  };
};

const PATH = "/";

/** Without keys any answer is taken for the shop's. */
function createIsFromShop(
  shop: string | undefined,
  { origin, way }: Keys,
): (nonce: string, result: CallResult) => boolean {
  if (shop === undefined || !origin || !way) return () => true;
  const at = new URL(shop).host;
  return (nonce, result) =>
    result.kind === "answer" &&
    isProved({ origin, way }, { nonce, method: "GET", target: PATH, at }, result, result.proofs);
}

function judge(result: CallResult, isFromShop: boolean): readonly [number, Fields] {
  if (result.kind === "failed") return [502, { error: `shop: ${result.reason}` }];
  if (result.status !== 200) return [502, { error: `shop: answered ${result.status}` }];
  const body = bodyOf(result) as { backend?: unknown } | null | undefined;
  const backend = body?.backend;
  if (typeof backend !== "string" || !isFromShop)
    return [502, { error: "shop: answered with something else than the shop" }];
  return [200, { shop: body }];
}
