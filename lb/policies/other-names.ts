import type { PolicyOptions } from "./index.ts";

/** What nginx, HAProxy, Envoy, Traefik and Caddy call a policy that goes by another name here. */
const OTHER_NAMES: ReadonlyMap<string, PolicyOptions["type"]> = new Map([
  ["roundrobin", "round-robin"],
  ["staticrr", "round-robin"],
  ["wrr", "round-robin"],
  ["rr", "round-robin"],
  ["weightedroundrobin", "round-robin"],
  ["leastconn", "least-connections"],
  ["leastconnection", "least-connections"],
  ["leastrequest", "least-connections"],
  ["leastrequests", "least-connections"],
  ["lc", "least-connections"],
  ["wlc", "least-connections"],
  ["p2c", "random-two"],
  ["poweroftwo", "random-two"],
  ["poweroftwochoices", "random-two"],
  ["twochoices", "random-two"],
  ["randomchoose", "random-two"],
  ["randomtwoleastconn", "random-two"],
  ["leasttime", "peak-ewma"],
  ["ewma", "peak-ewma"],
  ["iphash", "ring-hash"],
  ["clientiphash", "ring-hash"],
  ["source", "ring-hash"],
  ["sourceip", "ring-hash"],
  ["hash", "ring-hash"],
  ["urihash", "ring-hash"],
  ["uri", "ring-hash"],
  ["hdr", "ring-hash"],
  ["header", "ring-hash"],
  ["cookie", "ring-hash"],
  ["consistent", "ring-hash"],
  ["consistenthash", "ring-hash"],
  ["consistenthashing", "ring-hash"],
  ["ketama", "ring-hash"],
  ["hrw", "ring-hash"],
  ["rendezvous", "ring-hash"],
  ["failover", "first"],
  ["priority", "first"],
  ["sequential", "first"],
]);

/** The policy here that another proxy's name stands for, however it is written: `LEAST_REQUEST`, `leastconn`. */
export function policyOfOtherName(name: string): PolicyOptions["type"] | undefined {
  return OTHER_NAMES.get(name.toLowerCase().replaceAll(/[^a-z0-9]/g, ""));
}
