/** `43 ms`, `3.3 s`: a width that figures side by side have room for. */
export const duration = (ms: number | undefined): string => {
  if (ms === undefined) return "–";
  return ms < 999.5 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 9950 ? 2 : 1)} s`;
};
