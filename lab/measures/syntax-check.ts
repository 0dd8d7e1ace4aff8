import { defineMeasure } from "./kind.ts";

export const syntaxCheck = defineMeasure({
  name: "syntax-check",
  does: "reads a configuration strictly before it is taken; one that is not legal is refused, and the old one stays in force",
  askedFor: ["001", "003"],
  hooks: "before a configuration is taken: the balancer's own",
  trap: "a refused reload that nobody notices while the old configuration serves on: ConfigReloadFailed says it aloud",
  parameters: {},
  without: () => ({}),
  zeroWithout: "every configuration that was pushed is legal: it had nothing to refuse",
});
