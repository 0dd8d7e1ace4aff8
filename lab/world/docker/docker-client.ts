import type Docker from "dockerode";

/** The part of a Docker client that the lab uses. */
export type DockerClient = Pick<
  Docker,
  | "createContainer"
  | "getContainer"
  | "getEvents"
  | "getNetwork"
  | "listContainers"
  | "listNetworks"
  | "modem"
>;
