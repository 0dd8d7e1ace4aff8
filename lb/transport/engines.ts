/** What can carry requests to upstreams: our own client over sockets, undici's, or http-proxy. */
export const ENGINES = ["sockets", "undici", "http-proxy"] as const;
export type EngineName = (typeof ENGINES)[number];

export const DEFAULT_ENGINE: EngineName = "sockets";
