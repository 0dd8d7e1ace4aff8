/** The incidents as they are known before the end: alias, brief, how hard; the easiest comes first. */
export const INCIDENTS = [
  {
    alias: "overture",
    difficulty: "a first drill",
    brief: "A configuration push went out to some machines a moment ago, as on every morning.",
  },
  {
    alias: "lantern",
    difficulty: "moderate",
    brief: "The maintenance window: several teams work through their lists.",
  },
  {
    alias: "juniper",
    difficulty: "hard",
    brief: "The auth servers were patched this evening, and web got its weekly release.",
  },
  {
    alias: "thistle",
    difficulty: "hard",
    brief: "Inventory and configuration were brought in line, the database runs its evening reports.",
  },
  {
    alias: "harvest",
    difficulty: "moderate",
    brief: "The balancer's routine update is done, web got a release, the database rebuilds an index.",
  },
] as const;
