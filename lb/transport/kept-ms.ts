import { headerValue, type HeaderList } from "../exchange.ts";

/** The idle timeout that an upstream announces for this connection (`Keep-Alive: timeout=5`), in milliseconds; undefined: none. */
export function keptMs(headers: HeaderList): number | undefined {
  if (connectionNames(headers, CLOSE)) return 0;
  const seconds = /(?:^|[\s,;])timeout=(\d{1,6})/i.exec(headerValue(headers, "keep-alive") ?? "")?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

/** Without its asking for it, HTTP/1.0 closes. */
export const asksToKeep = (headers: HeaderList): boolean => connectionNames(headers, KEEP_ALIVE);

const CLOSE = /(?:^|[\s,])close(?:$|[\s,])/i;
const KEEP_ALIVE = /(?:^|[\s,])keep-alive(?:$|[\s,])/i;

function connectionNames(headers: HeaderList, option: RegExp): boolean {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i];
    if (name === undefined || name.length !== 10 || name.toLowerCase() !== "connection") continue;
    if (option.test(headers[i + 1] ?? "")) return true;
  }
  return false;
}
