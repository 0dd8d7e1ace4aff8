import { createMemberList, type MemberList } from "../../../runtime/member-list.ts";
import type { EventOwner, QueuedEvent } from "./event-queue.ts";
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
export interface Conversation extends Incoming {
  /** The client no longer wants an answer. */
  leave(): void;
}

/**
 * The conversations of all processes, as long as one of their ends takes part. In one list, which stays in the
 * processor's cache: lists of thousands of processes would not.
 */
export interface Conversations extends Pick<MemberList<Talk>, "add" | "remove"> {
  /** The process is gone. */
  end(process: End): void;
}

export function createConversations(): Conversations {
  const memberList = createMemberList<Talk>();
  return {
    add: memberList.add,
    remove: memberList.remove,
    end(process) {
      for (const talk of memberList.members()) talk.endGone(process);
    },
  };
}

/**
 * Begins a conversation. A new connection takes one way there and one back before it carries anything; a kept one is open
 * already, and takes one of these `ways`.
 */
export function converse(
  client: End,
  port: number,
  request: WireRequest,
  outcome: Outcome,
  link: Required<LinkCondition>,
  deps: ConversationDeps,
  ways = 2,
): Conversation {
  const talk = new Talk(client, port, request, outcome, link, deps);
  deps.underWay.add(talk);
  // The request is sent with the handshake's last packet, and its way is counted with the answer's.
  if (link.fate !== "lost") deps.clock.happenAfter(ways * link.latencyMs, talk);
  return talk;
}

/**
 * A conversation, its own event, and its own place among those under way: conversations are most of a simulation, and one
 * object for each is the least. One that has ended refers to neither end: once in the old generation, it would keep them
 * alive until a full collection.
 */
class Talk implements Conversation, QueuedEvent {
  readonly owner: EventOwner;
  heapSlot = -1;
  slot = -1;
  readonly request: WireRequest;
  private readonly deps: ConversationDeps;
  private readonly port: number;
  private readonly link: Required<LinkCondition>;
  private readonly client: End;
  private clientHere = true;
  private server: End | undefined = undefined;
  private serverHere = false;
  private next: "connect" | "deliver" | "break" | "report" = "connect";
  private outcome: Outcome | undefined;
  private given: WireAnswer | undefined = undefined;
  private gone: (() => void) | undefined = undefined;

  constructor(
    client: End,
    port: number,
    request: WireRequest,
    outcome: Outcome,
    link: Required<LinkCondition>,
    deps: ConversationDeps,
  ) {
    this.owner = deps.clock.owner;
    this.request = request;
    this.deps = deps;
    this.port = port;
    this.link = link;
    this.client = client;
    this.outcome = outcome;
  }

  happen(): void {
    const { outcome, given } = this;
    if (this.next === "connect") return this.connect();
    if (this.next === "report") return this.report();
    this.clientEnds();
    if (this.next === "break") outcome?.failed("cut");
    else if (given) outcome?.answered(given);
  }

  answer(given: WireAnswer): void {
    if (!this.serverHere) return;
    this.serverEnds();
    if (!this.clientHere) return;
    this.given = given;
    this.after("deliver", 2);
  }

  cut(): void {
    if (!this.serverHere) return;
    this.serverEnds();
    if (this.clientHere) this.after("break", 1);
  }

  onGone(run: () => void): void {
    this.gone = run;
  }

  leave(): void {
    if (!this.clientHere) return;
    this.clientEnds();
    this.deps.clock.withdraw(this);
    if (this.serverHere) this.after("report", 1);
  }

  /** A process is gone, which may be at one of its ends. */
  endGone(process: End): void {
    if (this.clientHere && this.client === process) this.leave();
    if (this.serverHere && this.server === process) this.cut();
  }

  private connect(): void {
    const { deps, outcome, link } = this;
    const listener = link.fate === "refused" ? undefined : deps.listeners.get(this.port);
    if (!listener) {
      this.clientEnds();
      return outcome?.failed("refused");
    }
    outcome?.connected?.();
    if (!this.clientHere) return;
    if (link.fate === "reset") return this.after("break", 2);
    this.server = listener.end;
    this.server.serving += 1;
    this.serverHere = true;
    listener.serve(this);
  }

  private report(): void {
    if (!this.serverHere) return;
    const { gone } = this;
    this.serverEnds();
    gone?.();
  }

  private after(next: Talk["next"], ways: number): void {
    this.next = next;
    this.deps.clock.happenAfter(ways * this.link.latencyMs, this);
  }

  private clientEnds(): void {
    this.clientHere = false;
    this.outcome = undefined;
    this.given = undefined;
    if (!this.serverHere) this.deps.underWay.remove(this);
  }

  private serverEnds(): void {
    const { server } = this;
    if (!server || !this.serverHere) return;
    server.serving -= 1;
    this.serverHere = false;
    this.gone = undefined;
    if (!this.clientHere) this.deps.underWay.remove(this);
  }
}
