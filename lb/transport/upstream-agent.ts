import { Agent, type ClientRequest } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** node's agent, as far as an upstream may be unknown to it, or hostile. */
export class UpstreamAgent extends Agent {
  addRequest(request: ClientRequest, ...rest: unknown[]): void {
    // node would drop the fields past it, and obey them.
    request.maxHeadersCount = 0;
    addRequest.call(this, request, ...rest);
  }

  override keepSocketAlive(socket: Duplex): boolean {
    // Node 24 keeps one whose request was aborted while it was still being made, and would hand it on as if it were connected.
    if ((socket as Socket).connecting) return false;
    // It returns something, which node's types leave out.
    const kept: unknown = super.keepSocketAlive(socket);
    if (kept !== true) return false;
    // Unsolicited bytes would be read as the answer to the next request.
    socket.on("data", giveUp);
    return true;
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    socket.off("data", giveUp);
    super.reuseSocket(socket, request);
  }
}

function giveUp(this: Duplex): void {
  this.destroy();
}

/** By which every request comes to an agent; not in node's types. */
const { addRequest } = Agent.prototype as unknown as {
  addRequest(this: Agent, request: ClientRequest, ...rest: unknown[]): void;
};
