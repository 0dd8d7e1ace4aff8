/** The incidents as they are known before the end: alias and brief. */
export const INCIDENTS = [
  {
    alias: "overture",
    brief: "A configuration push went out to some machines a moment ago, as on every morning.",
  },
  { alias: "lantern", brief: "The maintenance window: several teams work through their lists." },
  { alias: "juniper", brief: "The auth servers were patched this evening, and web got its weekly release." },
  {
    alias: "thistle",
    brief: "Inventory and configuration were brought in line, the database runs its evening reports.",
  },
  {
    alias: "harvest",
    brief: "The balancer's routine update is done, web got a release, the database rebuilds an index.",
  },
] as const;
