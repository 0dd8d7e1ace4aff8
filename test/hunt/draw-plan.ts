import { seeded } from "../../runtime/random.ts";
import { createDraw, type Draw } from "./draw.ts";
import { drawPool, drawSettingsEdit, drawUpstream } from "./draw-config.ts";
import type { BackendPlan, ConfigPlan, Edit, Mood, Plan, RequestStep, Step } from "./plan.ts";

/** The plan of a seed: topology, settings, requests, faults and changes, all by chance. */
export function drawPlan(seed: number): Plan {
  const draw = createDraw(seeded(seed).fork("plan"));
  const backends = draw.times(draw.between(1, 6), () => drawBackend(draw));
  const pools = draw.sometimes(0.4) ? ["a", "b"] : ["a"];
  const config = Object.fromEntries(pools.map((pool) => [pool, drawPool(draw, backends.length)]));
  const lengthMs = draw.one([500, 1500, 4000, 12_000]);
  const steps = [...drawRequests(draw, lengthMs), ...drawEvents(draw, lengthMs, config, backends.length)];
  return { seed, backends, config, steps: steps.sort((a, b) => a.at - b.at) };
}

function drawBackend(draw: Draw): BackendPlan {
  return {
    slots: draw.one([1, 2, 4, 16]),
    serviceMs: draw.one([1, 5, 20, 60]),
    queueLimit: draw.one([0, 5, 50]),
    mood: draw.sometimes(0.3) ? drawMood(draw) : { ...drawMood(draw), how: "well", health: "well" },
  };
}

function drawMood(draw: Draw): Mood {
  const pieces = draw.sometimes(0.3) ? draw.between(1, 6) : 0;
  return {
    how: draw.one(["well", "5xx", "stall", "cut"]),
    ratio: draw.one([0.05, 0.3, 1]),
    pieces,
    gapMs: draw.one([1, 20, 150]),
    ...(pieces > 0 && draw.sometimes(0.3) ? { breaksAfter: draw.between(0, pieces) } : {}),
    health: draw.one(["well", "well", "well", "5xx", "stall"]),
  };
}

/** Some evenly spread, some in bursts at one moment. */
function drawRequests(draw: Draw, lengthMs: number): RequestStep[] {
  const count = draw.one([5, 30, 80, 160]);
  const burst = draw.one([1, 1, 8, 40]);
  const methods = draw.sometimes(0.5) ? ["GET"] : ["GET", "GET", "HEAD", "PUT", "DELETE", "POST", "PATCH"];
  const leaving = draw.one([0, 0, 0.1, 0.4]);
  const bodies = draw.one([0, 0.2]);
  const sticking = draw.one([0, 0.5]);
  const users = draw.one([1, 5, 1000]);
  let at = 0;
  return draw.times(count, (turn): RequestStep => {
    if (turn % burst === 0) at = draw.moment(lengthMs);
    const method = draw.one(methods);
    const hasBody = method !== "GET" && method !== "HEAD" && draw.sometimes(bodies);
    return {
      at,
      do: "request",
      pool: draw.one(["a", "a", "b"]),
      user: draw.below(users),
      method,
      hasBody,
      ...(draw.sometimes(sticking) ? { stuckTo: draw.one(NAMES) } : {}),
      ...(draw.sometimes(leaving) ? { leavesAfterMs: draw.one([0, 0.15, 1, 10, 100, 800]) } : {}),
      ...(hasBody && draw.sometimes(0.3) ? { breaksAfterMs: draw.one([0.05, 3, 50, 500]) } : {}),
      ...(hasBody && draw.sometimes(0.3) ? { owesBody: true } : {}),
    };
  });
}

export const NAMES = ["u0", "u1", "u2", "u3", "u4", "u5", "u6", "u7"] as const;

function drawEvents(draw: Draw, lengthMs: number, config: ConfigPlan, backends: number): Step[] {
  const count = draw.one([0, 2, 6, 20]);
  return draw.times(count, (): Step => {
    const at = draw.moment(lengthMs);
    const backend = draw.below(backends);
    switch (
      draw.one([
        "crash",
        "start",
        "mood",
        "mood",
        "link",
        "link",
        "apply",
        "apply",
        "reload",
        "weight",
        "state",
      ])
    ) {
      case "crash":
        return { at, do: "crash", backend };
      case "start":
        return { at, do: "start", backend };
      case "mood":
        return { at, do: "mood", backend, mood: drawMood(draw) };
      case "link":
        return {
          at,
          do: "link",
          ...(draw.sometimes(0.85)
            ? {
                backend,
                condition: {
                  fate: draw.one(["open", "refused", "reset", "lost"]),
                  latencyMs: draw.one([0.1, 5, 120]),
                },
              }
            : { condition: { latencyMs: draw.one([1, 40, 300]) } }),
          forMs: draw.one([1, 50, 400, 3000]),
        };
      case "apply":
        return {
          at,
          do: "apply",
          edits: draw.times(draw.between(1, 3), () => drawEdit(draw, config, backends)),
        };
      case "reload":
        return { at, do: "reload", what: draw.one(["same", "broken"]) };
      case "weight":
        return { at, do: "weight", upstream: draw.one(NAMES), weight: draw.one([0, 1, 3, 256]) };
      case "state":
        return {
          at,
          do: "state",
          upstream: draw.one(NAMES),
          state: draw.one(["ready", "drain", "maintenance"]),
        };
    }
  });
}

function drawEdit(draw: Draw, config: ConfigPlan, backends: number): Edit {
  const pool = draw.one(["a", "b"]);
  const name = draw.one(NAMES);
  switch (
    draw.one(["settings", "settings", "upstream", "upstream", "add", "remove", "reverse", "drop", "pool"])
  ) {
    case "settings":
      return { edit: "settings", pool, ...drawSettingsEdit(draw) };
    case "upstream": {
      const { weight, maxConnections, state, backend } = drawUpstream(draw, name, draw.below(backends));
      return {
        edit: "upstream",
        pool,
        name,
        to: draw.one([{ weight }, { maxConnections }, { state }, { backend }]),
      };
    }
    case "add":
      return { edit: "add", pool, upstream: drawUpstream(draw, name, draw.below(backends)) };
    case "remove":
      return { edit: "remove", pool, name };
    case "reverse":
      return { edit: "reverse", pool };
    case "drop":
      return { edit: "drop", pool };
    case "pool":
      return { edit: "pool", pool, plan: config[pool] ?? drawPool(draw, backends) };
  }
}
