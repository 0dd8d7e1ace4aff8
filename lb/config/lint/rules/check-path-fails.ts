import type { Rule } from "../rule.ts";

export const rule: Rule = {
  code: "CHECK_PATH_FAILS",
  severity: "warning",
  title: "A health check that would fail now",
  page: `The check's path was asked for once, as a health check would, and the upstream did not pass. With this configuration it
would be DOWN after \`fall\` checks. Often it is the path that is wrong (404) and not the upstream.

Ask for it with curl. Correct the path or the status that counts, or bring the upstream up first.`,
  find: ({ config, answers }) =>
    answers.flatMap(({ pool, index, status, detail }) => {
      const { health, upstreams } = config.pools[pool] ?? {};
      const name = upstreams?.[index]?.name;
      if (!health || name === undefined) return [];
      const [from, to] = [Number(health.status.slice(0, 3)), Number(health.status.slice(-3))];
      if (status !== undefined && status >= from && status <= to) return [];
      const message = `${name} would not pass: ${detail} for ${health.path}, wanted is ${health.status}`;
      return [{ path: ["pools", pool, "upstreams", index], message }];
    }),
};
