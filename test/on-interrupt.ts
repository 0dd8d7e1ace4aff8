import { EXIT } from "../runtime/errors.ts";

/** Aborted on Ctrl-C, so that what is done can be printed; the second one ends the process at once. */
export function onInterrupt(): AbortSignal {
  const interrupt = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const)
    process.on(name, () => {
      if (interrupt.signal.aborted) process.exit(EXIT.interrupted);
      interrupt.abort(new Error("interrupted"));
    });
  return interrupt.signal;
}
