import type { Plan, PoolPlan, RequestStep, Step, UpstreamPlan } from "./plan.ts";

/**
 * The shortest plan found that `breaks` as the given one does: steps, pools, upstreams and settings are taken away one
 * after the other for as long as something can be, or until `outOfTime`.
 */
export async function shrink(
  plan: Plan,
  breaks: (plan: Plan) => Promise<boolean>,
  outOfTime: () => boolean,
): Promise<Plan> {
  let best = await withFewerSteps(plan, breaks, outOfTime);
  for (let again = true; again && !outOfTime();) {
    again = false;
    const steps = best.steps.length;
    for (let next = await firstThatBreaks(best); next; next = await firstThatBreaks(best)) {
      best = next;
      again = true;
    }
    if (again) best = await withFewerSteps(best, breaks, outOfTime);
    again &&= best.steps.length < steps;
  }
  return best;

  async function firstThatBreaks(plan: Plan): Promise<Plan | undefined> {
    for (const simpler of simplerPlans(plan)) {
      if (outOfTime()) return undefined;
      if (await breaks(simpler)) return simpler;
    }
    return undefined;
  }
}

/** Takes away halves, quarters, and so on down to single steps. */
async function withFewerSteps(
  plan: Plan,
  breaks: (plan: Plan) => Promise<boolean>,
  outOfTime: () => boolean,
): Promise<Plan> {
  let best = plan;
  for (let size = Math.ceil(best.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let from = best.steps.length - size; from > -size && !outOfTime(); from -= size) {
      const steps = best.steps.toSpliced(Math.max(0, from), size + Math.min(0, from));
      const fewer = { ...best, steps };
      if (await breaks(fewer)) best = fewer;
    }
  return best;
}

/** Every plan that is this one with one thing less, the larger things first. */
function* simplerPlans(plan: Plan): Generator<Plan> {
  const { config, steps, backends } = plan;
  const pools = Object.entries(config);
  if (pools.length > 1)
    for (const [name] of pools)
      yield { ...plan, config: Object.fromEntries(pools.filter(([one]) => one !== name)) };
  for (const [name, pool] of pools)
    for (const simpler of simplerPools(pool)) yield { ...plan, config: { ...config, [name]: simpler } };
  for (const [index, backend] of backends.entries()) {
    const { mood } = backend;
    if (mood.how !== "well" || mood.pieces > 0 || mood.health !== "well")
      yield {
        ...plan,
        backends: backends.with(index, {
          ...backend,
          mood: { how: "well", ratio: 0, pieces: 0, gapMs: 0, health: "well" },
        }),
      };
  }
  for (const [index, step] of steps.entries())
    for (const simpler of simplerSteps(step)) yield { ...plan, steps: steps.with(index, simpler) };
}

function* simplerPools({ settings, upstreams }: PoolPlan): Generator<PoolPlan> {
  if (upstreams.length > 1)
    for (const index of upstreams.keys()) yield { settings, upstreams: upstreams.toSpliced(index, 1) };
  const { policy, ...rest } = settings;
  for (const name of Object.keys(rest))
    yield {
      settings: { policy, ...Object.fromEntries(Object.entries(rest).filter(([one]) => one !== name)) },
      upstreams,
    };
  if (policy.type !== "round-robin")
    yield { settings: { ...rest, policy: { type: "round-robin" } }, upstreams };
  for (const [index, upstream] of upstreams.entries()) {
    const plain: UpstreamPlan = { ...upstream, weight: 1, maxConnections: 64, state: "ready" };
    for (const key of ["weight", "maxConnections", "state"] as const)
      if (upstream[key] !== plain[key])
        yield { settings, upstreams: upstreams.with(index, { ...upstream, [key]: plain[key] }) };
  }
}

function* simplerSteps(step: Step): Generator<Step> {
  if (step.do === "apply" && step.edits.length > 1)
    for (const index of step.edits.keys()) yield { ...step, edits: step.edits.toSpliced(index, 1) };
  if (step.do !== "request") return;
  const { at, pool, user, method, hasBody } = step;
  const bare: RequestStep = { at, do: "request", pool, user, method, hasBody };
  if (Object.keys(step).length > Object.keys(bare).length) yield bare;
  if (hasBody || method !== "GET") yield { ...bare, method: "GET", hasBody: false };
}
