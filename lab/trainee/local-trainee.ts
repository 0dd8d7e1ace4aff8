import { z } from "zod";
import { CodedError } from "../../runtime/errors.ts";
import type { Drill } from "../drill/drill.ts";
import type { World } from "../world/world.ts";
import { isDriller, type Actor } from "./actor.ts";
import type { Answers } from "./answers.ts";
import { configDiff } from "./config-diff.ts";
import { debriefOf } from "./debrief.ts";
import { drillPage } from "./drill-page.ts";
import type { DrillTerms } from "./drill-terms.ts";
import { explained } from "./explain.ts";
import { INPUTS } from "./inputs.ts";
import { stepFor } from "./query-step.ts";
import { OPERATION_NAMES, routeOf, type OperationName, type OperationRoute } from "./routes.ts";
import { poolsOf, statusOf, usersWindow, type UsersWatched } from "./status.ts";
import type { QueryRequest } from "../world/monitoring.ts";
import { traineeOf, type Trainee } from "./trainee.ts";
import type { Visit } from "../world/visit.ts";

export interface LocalTraineeDeps {
  /** `host:port` of the balancer's public listener. */
  readonly listener: string;
  readonly world: () => World;
  /** Undefined while the lab is up without a drill. */
  readonly drill: () => Drill | undefined;
  /** The drill's terms; undefined where none are set. */
  readonly terms?: (() => DrillTerms | undefined) | undefined;
  /** Undefined before the first user comes. */
  readonly users: () => UsersWatched | undefined;
  readonly visit: Visit;
  /** Called with the subject of each look that was not refused, in the order in which they end. */
  readonly looked: (subject: string) => void;
}

export interface LocalTraineeConfig {
  /** The actor of all acts through this trainee. */
  readonly actor: Actor;
  /** Ends waiting operations. */
  readonly signal?: AbortSignal;
}

/** An invalid input, unlike one that cannot be met now. */
export class InvalidInput extends CodedError {
  constructor(message: string) {
    super("USAGE", message);
  }
}

interface Caller {
  readonly actor: Actor;
  readonly signal: AbortSignal;
}

/** The operations' functions; undefined: there is nothing to show. */
type Operations = {
  readonly [Name in OperationName]: (
    input: z.output<(typeof INPUTS)[Name]>,
    caller: Caller,
  ) => Answers[Name] | undefined | Promise<Answers[Name] | undefined>;
};

/** The trainee's interface over a world and its drill in the same process; all other ways lead here. */
export function createLocalTrainee(deps: LocalTraineeDeps, { actor, signal }: LocalTraineeConfig): Trainee {
  const operations = operationsOn(deps);
  return traineeOf(OPERATION_NAMES, async (name, given, options) => {
    const input = checked(name, given);
    const run = operations[name] as (input: unknown, caller: Caller) => unknown;
    const answer = await run(input, { actor, signal: eitherOf(signal, options.signal) });
    const route = routeOf(name);
    // A look that is refused is not noted; one that shows that there is nothing now is.
    const subject = subjectOf(route, input);
    if (subject !== undefined && options.background !== true) deps.looked(subject);
    if (answer === undefined) throw new CodedError("NOT_FOUND", `${subject ?? "it"} gives no ${name} now`);
    return answer;
  });
}

function operationsOn({
  listener,
  world,
  drill: current,
  terms,
  users,
  visit,
}: LocalTraineeDeps): Operations {
  const drill = (): Drill => {
    const running = current();
    if (!running)
      throw new CodedError("USAGE", "no drill is running", { hint: "npx lblab start begins one" });
    return running;
  };
  return {
    status: () => statusOf({ listener, world, drill: current, users }),
    users: () => users()?.traffic.notes(world().clock.wall()).map(usersWindow) ?? [],
    units: () => world().sight.units(),
    unitConfig: ({ unit }) => world().sight.unitConfig(unit),
    logs: ({ unit, lines }) => world().sight.logs(unit, lines),
    config: ({ version }) => world().sight.config(version),
    configHistory: () => world().sight.configHistory(),
    configDiff: (versions) => configDiff(world().sight, versions),
    rollout: async () => ({
      balancer: (await world().sight.rollout?.()) ?? null,
      held: current()?.held() ?? [],
    }),
    audit: async () => shown(await world().sight.audit?.(), "it cannot be audited now"),
    checkConfig: ({ yaml, file }) => world().checkConfig(yaml, file),
    changes: () => world().sight.changes(),
    ports: () => world().sight.ports(),
    metrics: ({ unit }) => world().sight.metrics(unit),
    query: (input) => world().monitoring.query(queryOf(input)),
    alerts: () => world().monitoring.alerts(),
    silences: () => world().monitoring.silences(),
    pools: async () => shown(await poolsOf(world()), "its pools cannot be seen now"),
    explain: ({ word }) => explained(word),
    drill() {
      const running = current();
      return running ? drillPage(running, terms?.(), world().clock.wall()) : null;
    },
    debrief: () => debriefOf(drill(), terms?.()),
    visit: (request) => visit(request),
    act(step, { actor }) {
      const running = current();
      return running ? running.act(step, otherThanDriller(actor)) : world().act(step, actor);
    },
    check: (_input, { signal }) => drill().check(signal),
    acknowledge({ alert }, { actor }) {
      const running = current();
      return running
        ? running.acknowledge(alert, otherThanDriller(actor))
        : world().monitoring.acknowledge(alert, actor);
    },
    silence: ({ by, ...request }, { actor }) => world().monitoring.silence({ ...request, by: by ?? actor }),
    expireSilence: ({ id }) => world().monitoring.expireSilence(id),
    diagnose(diagnosis) {
      drill().diagnose(diagnosis);
      return TAKEN;
    },
    hint: () => ({ hint: drill().hint() }),
    end() {
      drill().end();
      return TAKEN;
    },
  };
}

const queryOf = ({ query, range, step }: z.output<typeof INPUTS.query>): QueryRequest => ({
  expression: query,
  ...(range === undefined ? {} : { range: { seconds: range, stepSeconds: step ?? stepFor(range) } }),
});

/** The drill knows who drills: a responder uses the interface of the trainee whose place it takes. */
const otherThanDriller = (actor: Actor): Actor | undefined => (isDriller(actor) ? undefined : actor);

/** Aborted with the first of them; a long-lived signal gets no listener for calls without one of their own. */
const eitherOf = (one: AbortSignal | undefined, other: AbortSignal | undefined): AbortSignal =>
  one && other ? AbortSignal.any([one, other]) : (one ?? other ?? AbortSignal.any([]));

/** What the balancer answered. Throws NOT_FOUND where it did not. */
function shown<T>(answer: T | undefined, without: string): T {
  if (answer !== undefined) return answer;
  throw new CodedError("NOT_FOUND", `the balancer does not answer: ${without}`);
}

const TAKEN = { ok: true } as const;

function checked(name: OperationName, given: object): object {
  const result = INPUTS[name].safeParse(given);
  if (result.success) return result.data;
  throw new InvalidInput(z.prettifyError(result.error));
}

/** The subject that a look is noted as; undefined where the operation is no look. */
function subjectOf(route: OperationRoute, input: object): string | undefined {
  if (route.kind !== "look") return undefined;
  const { subject } = route;
  return typeof subject === "string" ? subject : String((input as Record<string, unknown>)[subject.field]);
}
