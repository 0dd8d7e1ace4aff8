/** What of a page the token passes through. */
export interface TokenPlaces {
  readonly location: { readonly hash: string; readonly pathname: string; readonly search: string };
  readonly history: { replaceState(data: unknown, unused: string, url: string): void };
  /** The tab's own memory. */
  readonly kept: { getItem(key: string): string | null; setItem(key: string, value: string): void };
}

const KEY = "lblab-token";
const LINKED = /^#token=([\w-]{16,128})$/;

/**
 * Takes the token out of the link's fragment and the address bar, and keeps it for the tab. The tab's session storage survives a
 * reload, ends with the tab, is of this origin with its port (a cookie is sent to every port of a host), and is sent
 * nowhere by itself; the token ends with the lab.
 */
export function takeToken({ location, history, kept }: TokenPlaces): string | undefined {
  const linked = LINKED.exec(location.hash)?.[1];
  if (linked === undefined) return kept.getItem(KEY) ?? undefined;
  history.replaceState(null, "", `${location.pathname}${location.search}`);
  kept.setItem(KEY, linked);
  return linked;
}
