import { open } from "node:fs/promises";
import { systemCode } from "../../../runtime/errors.ts";

const TAIL_BYTES = 1024 * 1024;

/** The last lines of a log, read from its end, oldest first; none of a log that does not exist. */
export async function logTail(path: string, lines: number): Promise<readonly string[]> {
  try {
    return await tail(path, lines);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}

async function tail(path: string, lines: number): Promise<readonly string[]> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    const all = buffer.subarray(0, bytesRead).toString("utf8").split("\n");
    // A read from the middle begins in the middle of a line.
    if (from > 0) all.shift();
    return all.filter((line) => line !== "").slice(-lines);
  } finally {
    await file.close();
  }
}
