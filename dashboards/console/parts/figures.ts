export const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`;
export const milliseconds = (ms: number | null | undefined): string =>
  ms === null || ms === undefined ? "–" : `${Math.round(ms)} ms`;
export const perSecond = (rate: number | null): string => (rate === null ? "–" : rate.toFixed(1));

/** 22:13:47, in UTC. */
export const clockTime = (at: number | string): string =>
  Number.isNaN(new Date(at).getTime()) ? "–" : new Date(at).toISOString().slice(11, 19);

/** 1:42, of seconds. */
export const span = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
