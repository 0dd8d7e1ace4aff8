/** Field of every answer of the control API: the id of the run, which stands in its run directory, too. */
export const INSTANCE_HEADER = "x-lblab-instance";
