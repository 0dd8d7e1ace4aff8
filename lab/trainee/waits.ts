import type { OperationRoute } from "./routes.ts";

/**
 * How long a client waits for an answer, in milliseconds: a read is answered at once, an act waits for processes, and a
 * check watches users for up to a minute.
 */
export const WITHIN_MS: Readonly<Record<OperationRoute["waits"], number>> = {
  look: 10_000,
  act: 120_000,
  check: 150_000,
};
