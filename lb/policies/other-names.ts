import type { PolicyType } from "./index.ts";

/** The names that nginx, HAProxy, Envoy, Traefik and Caddy give to each policy, in lower case without separators. */
const OTHER_NAMES: Readonly<Record<PolicyType, readonly string[]>> = {
  "round-robin": ["roundrobin", "staticrr", "wrr", "rr", "weightedroundrobin"],
  random: [],
  "random-two": [
    "p2c",
    "poweroftwo",
    "poweroftwochoices",
    "twochoices",
    "randomchoose",
    "randomtwoleastconn",
  ],
  "least-connections": ["leastconn", "leastconnection", "leastrequest", "leastrequests", "lc", "wlc"],
  "peak-ewma": ["leasttime", "ewma"],
  "ring-hash": [
    "iphash",
    "clientiphash",
    "source",
    "sourceip",
    "hash",
    "urihash",
    "uri",
    "hdr",
    "header",
    "cookie",
    "consistent",
    "consistenthash",
    "consistenthashing",
    "ketama",
    "hrw",
    "rendezvous",
  ],
  maglev: [],
  first: ["failover", "priority", "sequential"],
};

const BY_OTHER_NAME: ReadonlyMap<string, PolicyType> = new Map(
  (Object.keys(OTHER_NAMES) as PolicyType[]).flatMap((type) => OTHER_NAMES[type].map((name) => [name, type])),
);

/** The policy for another proxy's name of it, however it is written: `LEAST_REQUEST`, `leastconn`. */
export function policyOfOtherName(name: string): PolicyType | undefined {
  return BY_OTHER_NAME.get(name.toLowerCase().replaceAll(/[^a-z0-9]/g, ""));
}
