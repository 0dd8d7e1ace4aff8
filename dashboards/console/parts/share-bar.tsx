import { percent } from "./figures.ts";

/** A share, 0..1, as a bar with its figure; one below 0 has no bar. */
export const ShareBar = ({ ratio }: { readonly ratio: number }) => (
  <span class="line">
    <svg class="gauge share" viewBox="0 0 60 10" width="60" height="10" aria-hidden="true">
      <rect class="well" width="60" height="10" rx="2" />
      <rect class="taken" width={Math.max(0, ratio * 60)} height="10" rx="2" />
    </svg>
    {percent(ratio)}
  </span>
);
