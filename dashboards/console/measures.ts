/** Corrective measures that a drill can have on, in the order of the lab's own table; a standard one that adds nothing is none. */
export const MEASURES: readonly {
  readonly name: string;
  readonly does: string;
  /** Numbers of the reports that ask for it. */
  readonly askedFor: readonly string[];
}[] = [
  {
    name: "semantic-check",
    does: "refuses a configuration that is legal and cannot be meant, and the retirement of servers that a pool still names",
    askedFor: ["001", "003"],
  },
  {
    name: "trial-bind",
    does: "binds every listener before a configuration is taken; switched on, it also asks who holds a package's ports before its units start",
    askedFor: [],
  },
  {
    name: "right-environment",
    does: "refuses what was built for another environment than the one it is pushed to",
    askedFor: ["000"],
  },
  {
    name: "review",
    does: "lets a second person approve every change, who sees what is wrong with some probability; in an emergency it goes past, and says so",
    askedFor: ["001", "002", "003", "004"],
  },
  {
    name: "canary",
    does: "tries every configuration on a part of the users beside the old one, in steps; their arm is held against a baseline arm, which promotes it, or ends it",
    askedFor: [],
  },
  {
    name: "auto-rollback",
    does: "watches users after each push; when the pager rings it puts back what was pushed, to the last version that has baked, and freezes pushes",
    askedFor: ["002"],
  },
  {
    name: "audit",
    does: "holds what runs against rules on a schedule, the configuration and the packages, and names the change that broke one",
    askedFor: ["000", "001", "002", "003"],
  },
  {
    name: "distribution-alert",
    does: "alerts on an upstream that gets a multiple of its share; switched on, it names the upstream to the people on call",
    askedFor: ["004"],
  },
  {
    name: "anomaly-detection",
    does: "learns each series' usual value, and warns when one leaves it for several windows: rate, failures, latency, share by upstream",
    askedFor: ["002", "004"],
  },
  {
    name: "retry-discipline",
    does: "users' programs wait longer after each failed login, with jitter, up to a limit",
    askedFor: [],
  },
];
