import type { PaceName, Scenario, Workload } from "../../scenarios/scenario.ts";
import { defineMeasure, MEASURE_MINUTE_MS } from "./kind.ts";
import { minutes, number, share } from "./parameters.ts";

export const retryDiscipline = defineMeasure({
  name: "retry-discipline",
  does: "users' programs wait longer after each failed login, with jitter, up to a limit",
  askedFor: [],
  hooks: "the users' programs: the pause after a failed login",
  trap: "it keeps a herd from hurting what still works; it makes nothing faster that is at its limit",
  parameters: {
    factor: number("2", "each pause against the one before", "AWS: exponential backoff and jitter"),
    longest: minutes("2", "the longest pause", "ours: a user who waits longer goes away"),
    jitter: share("100%", "share by which a pause varies either way", "AWS: full jitter"),
  },
  create: ({ factor, longest, jitter }) => ({
    prepare: (scenario, pace) =>
      withLogin(scenario, pace, (login) => ({
        ...login,
        retryJitter: jitter,
        backOff: {
          factor: Math.min(10, Math.max(1, factor)),
          atMostMs: Math.max(login.retryEveryMs, longest * MEASURE_MINUTE_MS[pace]),
        },
      })),
  }),
});

type Login = NonNullable<Workload["users"]["login"]>;

function withLogin(scenario: Scenario, name: PaceName, change: (login: Login) => Login): Scenario {
  const pace = scenario.paces[name];
  const { login } = pace.workload.users;
  if (!login) return scenario;
  const workload = { ...pace.workload, users: { ...pace.workload.users, login: change(login) } };
  return { ...scenario, paces: { ...scenario.paces, [name]: { ...pace, workload } } };
}
