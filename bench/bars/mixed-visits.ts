import type { Visit } from "./visits.ts";

const BODY = Buffer.alloc(64 * 1024, "b");

/** Half of them over kept connections, one in ten slow, and one in twenty with a body. */
export function visitsOver(agent: Visit["agent"]): (n: number) => Visit {
  return (n) => {
    const kept = n % 2 === 0 && agent ? { agent } : {};
    if (n % 20 < 2) return { ...kept, path: `/slow?${100 + (n % 700)}`, bytes: 5 };
    if (n % 20 < 3) return { ...kept, path: "/echo", method: "POST", body: BODY, bytes: BODY.length };
    return { ...kept, path: "/", bytes: 5 };
  };
}
