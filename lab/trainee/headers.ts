/** Field of every answer of the control API: the id of the run, which its run directory has, too. */
export const INSTANCE_HEADER = "x-lblab-instance";

/** Field of a request that a page sends to refresh what it shows: with any value, the request is no look. */
export const BACKGROUND_HEADER = "x-lblab-background";
