import { defineMeasure } from "./kind.ts";
import { oneOfWords } from "./parameters.ts";
import { ALLOW } from "./rulings.ts";

const ENVIRONMENTS = ["production", "staging", "test"] as const;

export const rightEnvironment = defineMeasure({
  name: "right-environment",
  does: "refuses what was built for another environment than the one it is pushed to",
  askedFor: ["000"],
  hooks: "before a package is installed",
  trap: "it goes by a label: what is labelled wrongly passes",
  parameters: {
    here: oneOfWords(ENVIRONMENTS, "production", "what this environment is", "Kubernetes context guards"),
  },
  create: ({ here }) => ({
    measure: {
      name: "right-environment",
      begin: () => ({
        before: ({ environment }) =>
          environment === undefined || environment === here
            ? ALLOW
            : { ruling: "refuse", message: `it is built for ${environment}, and this is ${here}` },
      }),
    },
  }),
});
