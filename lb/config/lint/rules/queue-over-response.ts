import type { Rule } from "../rule.ts";
import { eachPool } from "../each-pool.ts";

export const rule: Rule = {
  code: "QUEUE_OVER_RESPONSE",
  severity: "warning",
  title: "A request may wait longer than its answer may take",
  page: `The queue's timeout is above the response timeout: in an overload requests wait for longer than they would ever be worked
on. Users have left by then, and upstreams work in vain.

Keep queue.timeoutMs well below timeouts.responseMs: a second or two.`,
  find: ({ config }) =>
    eachPool(config, ({ queue, timeouts }, path) => {
      const responseMs = timeouts.responseMs ?? config.timeouts.responseMs;
      if (queue.limit === 0 || queue.timeoutMs <= responseMs) return [];
      const message = `a request may wait ${queue.timeoutMs} ms for an upstream that has ${responseMs} ms to answer`;
      return [{ path: [...path, "queue", "timeoutMs"], message }];
    }),
};
