import { createMemberList, type MemberList } from "../../../runtime/member-list.ts";
import type { QueuedEvent } from "./event-queue.ts";
import type { KeptConnections } from "./kept-connections.ts";
import type { Incoming, LinkCondition, Outcome, WireAnswer, WireRequest } from "./network.ts";
import type { VirtualClock } from "./virtual-time.ts";

/** A process, as the network knows it. */
export interface End {
  readonly name: string;
  alive: boolean;
  readonly ports: Set<number>;
  serving: number;
}

export const createEnd = (name: string): End => ({ name, alive: true, ports: new Set(), serving: 0 });

export interface Listener {
  readonly end: End;
  readonly serve: (incoming: Incoming) => void;
  /** Its connections that idle, where it keeps any. */
  readonly kept: KeptConnections | undefined;
}

export interface ConversationDeps {
  readonly clock: VirtualClock;
  readonly listeners: ReadonlyMap<number, Listener>;
  readonly underWay: Conversations;
}

/** One request on its way to a port and its answer on the way back. */
export interface Conversation extends QueuedEvent, Incoming {
  /** The client no longer wants an answer. */
  leave(): void;
}

/**
 * The conversations of all processes, as long as one of their ends takes part. In one list, which stays in the
 * processor's cache: lists of thousands of processes would not.
 */
export interface Conversations extends Pick<MemberList<Place>, "add" | "remove"> {
  /** The process is gone. */
  end(process: End): void;
}

export function createConversations(): Conversations {
  const memberList = createMemberList<Place>();
  return {
    add: memberList.add,
    remove: memberList.remove,
    end(process) {
      for (const { conversation } of memberList.members()) {
        if (conversation.clientHere && conversation.client === process) conversation.leave();
        if (conversation.serverHere && conversation.server === process) conversation.cut();
      }
    },
  };
}

interface Place {
  slot: number;
  readonly conversation: State;
}

interface State extends Conversation {
  readonly deps: ConversationDeps;
  readonly port: number;
  readonly latencyMs: number;
  readonly fate: LinkCondition["fate"];
  readonly client: End;
  clientHere: boolean;
  server: End | undefined;
  serverHere: boolean;
  place: Place | undefined;
  /** What happens next: it is its own event. */
  next: "connect" | "deliver" | "break" | "report";
  outcome: Outcome | undefined;
  given: WireAnswer | undefined;
  gone: (() => void) | undefined;
}

/**
 * Begins a conversation. Its functions are shared by all, since conversations are most of a simulation. One that has ended
 * refers to neither end: once in the old generation, it would keep them alive until a full collection.
 */
export function converse(
  client: End,
  port: number,
  request: WireRequest,
  outcome: Outcome,
  { latencyMs, fate }: Required<LinkCondition>,
  deps: ConversationDeps,
  /** A new connection takes one way there and one back before it carries anything; a kept one is open already. */
  ways = 2,
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
    clientHere: true,
    server: undefined,
    serverHere: false,
    place: undefined,
    next: "connect",
    outcome,
    given: undefined,
    gone: undefined,
  };
  self.place = { slot: -1, conversation: self };
  deps.underWay.add(self.place);
  // The request is sent with the handshake's last packet, and its way is counted with the answer's.
  if (fate !== "lost") deps.clock.happenAfter(ways * latencyMs, self);
  return self;
}

function happen(this: State): void {
  const { outcome, given } = this;
  if (this.next === "connect") return connect(this);
  if (this.next === "report") return report(this);
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
  if (!self.clientHere) return;
  if (self.fate === "reset") return then(self, "break", 2);
  self.server = listener.end;
  self.server.serving += 1;
  self.serverHere = true;
  listener.serve(self);
}

function answer(this: State, given: WireAnswer): void {
  if (!this.serverHere) return;
  serverEnds(this);
  if (!this.clientHere) return;
  this.given = given;
  then(this, "deliver", 2);
}

function cut(this: State): void {
  if (!this.serverHere) return;
  serverEnds(this);
  if (this.clientHere) then(this, "break", 1);
}

function onGone(this: State, run: () => void): void {
  this.gone = run;
}

function leave(this: State): void {
  if (!this.clientHere) return;
  clientEnds(this);
  this.deps.clock.withdraw(this);
  if (this.serverHere) then(this, "report", 1);
}

function report(self: State): void {
  if (!self.serverHere) return;
  const { gone } = self;
  serverEnds(self);
  gone?.();
}

function then(self: State, next: State["next"], ways: number): void {
  self.next = next;
  self.deps.clock.happenAfter(ways * self.latencyMs, self);
}

function clientEnds(self: State): void {
  self.clientHere = false;
  self.outcome = undefined;
  self.given = undefined;
  if (!self.serverHere) isOver(self);
}

function serverEnds(self: State): void {
  const { server } = self;
  if (!server || !self.serverHere) return;
  server.serving -= 1;
  self.serverHere = false;
  self.gone = undefined;
  if (!self.clientHere) isOver(self);
}

function isOver(self: State): void {
  if (self.place) self.deps.underWay.remove(self.place);
  self.place = undefined;
}
