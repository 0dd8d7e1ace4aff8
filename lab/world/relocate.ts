const LOOPBACK_ADDRESS = /127\.0\.0\.1:(\d+)/g;

/**
 * A copy of plain data in which every loopback address and every `port` is moved by `offset`: scenarios are written for
 * the default ports, and a lab may run beside another one.
 */
export function relocate<T>(data: T, offset: number): T {
  if (offset === 0) return data;
  return moved(data, offset) as T;
}

function moved(data: unknown, offset: number): unknown {
  if (typeof data === "string")
    return data.replace(LOOPBACK_ADDRESS, (_whole, port: string) => `127.0.0.1:${Number(port) + offset}`);
  if (Array.isArray(data)) return data.map((item) => moved(item, offset));
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [
      key,
      key === "port" ? movedPort(value, offset) : moved(value, offset),
    ]),
  );
}

/** A port is a number in a unit's configuration, and text where an action sets it. */
function movedPort(value: unknown, offset: number): unknown {
  if (typeof value === "number") return value + offset;
  return typeof value === "string" && /^\d+$/.test(value)
    ? String(Number(value) + offset)
    : moved(value, offset);
}
