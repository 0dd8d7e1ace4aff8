import type { Cheat } from "../cheat.ts";
import { answersKept } from "./answers-kept.ts";
import { backendMovedBehindARelay } from "./backend-moved-behind-a-relay.ts";
import { echoOnDeadUpstreams } from "./echo-on-dead-upstreams.ts";
import { echoOnTheListener } from "./echo-on-the-listener.ts";
import { proofByRule } from "./proof-by-rule.ts";
import { relayBackToTheBalancer } from "./relay-back-to-the-balancer.ts";
import { relayBeforeTheBalancer } from "./relay-before-the-balancer.ts";
import { relayInPlaceOfUpstreams } from "./relay-in-place-of-upstreams.ts";
import { relayPastTheBalancer } from "./relay-past-the-balancer.ts";

/** Imitations and detours that work with programs of one's own, in every world. */
export const IMITATIONS: readonly Cheat[] = [
  echoOnDeadUpstreams,
  relayInPlaceOfUpstreams,
  relayBackToTheBalancer,
  answersKept,
  proofByRule,
  backendMovedBehindARelay,
  relayBeforeTheBalancer,
  relayPastTheBalancer,
  echoOnTheListener,
];
