/** Modules that a process or a thread begins with, or that other people's modules import: without endings, from the root. */
export const PROGRAMS = [
  "backends/main",
  "lab/cli/fidelity/fidelity-thread",
  "lab/cli/main",
  "lab/cli/measures/measures-thread",
  "lab/contract/thread-main",
  "lab/load/main",
  "lab/observe/main",
  "lab/probe/main",
  "lab/world/docker/janitor/main",
  "lab/world/docker/listening",
  "lab/world/docker/relay/main",
  "lb/config/parse-worker",
  "lb/main",
  "package/policy",
  "package/scenario",
] as const;
