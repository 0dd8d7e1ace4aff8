/** What identifies the containers and the network of a run. */
export interface RunMark {
  /** The run's own id. */
  readonly run: string;
  /** The run's directory, which one run has at a time: what carries it and another run's id was left behind. */
  readonly home?: string;
}

export const RUN_LABEL = "lblab.run";
export const HOME_LABEL = "lblab.home";
export const UNIT_LABEL = "lblab.unit";

/** The labels of everything that a run makes in the engine. */
export const marked = ({ run, home }: RunMark) => ({
  [RUN_LABEL]: run,
  ...(home === undefined ? {} : { [HOME_LABEL]: home }),
});

/** The labels of a unit's container. */
export const runLabels = (mark: RunMark, unit: string): Record<string, string> => ({
  ...marked(mark),
  [UNIT_LABEL]: unit,
});
