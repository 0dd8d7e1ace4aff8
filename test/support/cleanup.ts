import { onTestFinished } from "vitest";

/** Waits for what a test needs, and closes it when the test has finished, whichever way. */
export async function during<T extends { close(): unknown }>(starting: T | Promise<T>): Promise<T> {
  const part = await starting;
  onTestFinished(async () => {
    await part.close();
  });
  return part;
}
