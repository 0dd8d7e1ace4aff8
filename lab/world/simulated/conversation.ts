import { createCrowd, type Crowd } from "../../../runtime/crowd.ts";
import type { QueuedEvent } from "./event-queue.ts";
import type { Incoming, LinkCondition, Outcome, WireAnswer, WireRequest } from "./network.ts";
import type { VirtualClock } from "./virtual-time.ts";

/** A process, as the network knows it. */
export interface End {
  readonly name: string;
  alive: boolean;
  readonly ports: Set<number>;
  serving: number;
  /** Its parts in conversations, as client or as server. */
  readonly parts: Crowd<Part>;
}

export interface Part {
  slot: number;
  readonly conversation: Conversation;
  readonly side: "client" | "server";
}

export const createEnd = (name: string): End => ({
  name,
  alive: true,
  ports: new Set(),
  serving: 0,
  parts: createCrowd(),
});

export interface Listener {
  readonly end: End;
  readonly serve: (incoming: Incoming) => void;
}

export interface ConversationDeps {
  readonly clock: VirtualClock;
  readonly listeners: ReadonlyMap<number, Listener>;
}

/** One request on its way to a port and its answer on the way back. */
export interface Conversation extends QueuedEvent, Incoming {
  /** The client no longer wants an answer. */
  leave(): void;
}

interface State extends Conversation {
  readonly deps: ConversationDeps;
  readonly port: number;
  readonly latencyMs: number;
  readonly fate: LinkCondition["fate"];
  readonly client: End;
  asClient: Part | undefined;
  server: End | undefined;
  asServer: Part | undefined;
  /** What happens next: it is its own event. */
  next: "connect" | "deliver" | "break" | "tell";
  outcome: Outcome | undefined;
  given: WireAnswer | undefined;
  gone: (() => void) | undefined;
}

/**
 * Begins a conversation. Its functions are shared by all, since it is what most of a simulation is made of. What has
 * ended keeps nothing of who took part: once old, it would keep that alive until a full collection.
 */
export function converse(
  client: End,
  port: number,
  request: WireRequest,
  outcome: Outcome,
  { latencyMs, fate }: Required<LinkCondition>,
  deps: ConversationDeps,
): Conversation {
  const self: State = {
    owner: deps.clock.owner,
    slot: -1,
    happen,
    request,
    answer,
    cut,
    onGone,
    leave,
    deps,
    port,
    latencyMs,
    fate,
    client,
    asClient: undefined,
    server: undefined,
    asServer: undefined,
    next: "connect",
    outcome,
    given: undefined,
    gone: undefined,
  };
  self.asClient = { slot: -1, conversation: self, side: "client" };
  client.parts.add(self.asClient);
  // There and back; what is sent then rides with the last word, and its own way is counted with the answer's.
  if (fate !== "lost") deps.clock.happenAfter(2 * latencyMs, self);
  return self;
}

function happen(this: State): void {
  const { outcome, given } = this;
  if (this.next === "connect") return connect(this);
  if (this.next === "tell") return tell(this);
  clientEnds(this);
  if (this.next === "break") outcome?.failed("cut");
  else if (given) outcome?.answered(given);
}

function connect(self: State): void {
  const { deps, outcome } = self;
  const listener = self.fate === "refused" ? undefined : deps.listeners.get(self.port);
  if (!listener) {
    clientEnds(self);
    return outcome?.failed("refused");
  }
  outcome?.connected?.();
  if (!self.asClient) return;
  if (self.fate === "reset") return then(self, "break", 2);
  self.server = listener.end;
  self.server.serving += 1;
  self.asServer = { slot: -1, conversation: self, side: "server" };
  self.server.parts.add(self.asServer);
  listener.serve(self);
}

function answer(this: State, given: WireAnswer): void {
  if (!this.asServer) return;
  serverEnds(this);
  if (!this.asClient) return;
  this.given = given;
  then(this, "deliver", 2);
}

function cut(this: State): void {
  if (!this.asServer) return;
  serverEnds(this);
  if (this.asClient) then(this, "break", 1);
}

function onGone(this: State, run: () => void): void {
  this.gone = run;
}

function leave(this: State): void {
  if (!this.asClient) return;
  clientEnds(this);
  this.deps.clock.withdraw(this);
  if (this.asServer) then(this, "tell", 1);
}

function tell(self: State): void {
  if (!self.asServer) return;
  const { gone } = self;
  serverEnds(self);
  gone?.();
}

function then(self: State, next: State["next"], ways: number): void {
  self.next = next;
  self.deps.clock.happenAfter(ways * self.latencyMs, self);
}

function clientEnds(self: State): void {
  if (self.asClient) self.client.parts.remove(self.asClient);
  self.asClient = undefined;
  self.outcome = undefined;
  self.given = undefined;
}

function serverEnds(self: State): void {
  const { server, asServer } = self;
  if (!server || !asServer) return;
  server.serving -= 1;
  server.parts.remove(asServer);
  self.asServer = undefined;
  self.gone = undefined;
}
