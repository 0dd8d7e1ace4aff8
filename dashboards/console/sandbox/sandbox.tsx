import { loadedLater } from "../parts/loaded-later.tsx";

/** The sandbox, which is loaded when somebody opens it: its settings are checked by the balancer's own schemas. */
export const Sandbox = loadedLater(
  "The sandbox",
  async () => (await import("./sandbox-page.tsx")).SandboxPage,
);
