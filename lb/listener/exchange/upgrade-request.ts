import { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { listValues } from "../../request/headers/headers.ts";

/** A listener's rules for upgrades, read as each one is requested. */
export interface UpgradePolicy {
  /** Lower-case names of the protocols that may be switched to. */
  allows(protocol: string): boolean;
  /** Earlier requests of this connection are not answered yet. */
  busy(socket: Socket): boolean;
}

/**
 * node's class of requests, which node asks by the `upgrade` that it sets on each whether to hand the connection over. An
 * Upgrade is ignored, as a server may (RFC 9110, 7.8), where its protocol is not allowed, in HTTP/1.0, with a body, and
 * behind requests that are not answered yet.
 */
export function createRequestClass(policy: UpgradePolicy) {
  return class extends IncomingMessage {
    /** Null: not known yet. */
    protocols: string | undefined | null = null;
    /** What node's parser found: a request for an upgrade, or CONNECT. */
    asked = false;

    set upgrade(asked: boolean | null) {
      this.asked = asked === true;
    }

    get upgrade(): boolean {
      return this.asked && (this.method === "CONNECT" || this.switchesTo !== undefined);
    }

    /** The protocols that it may be switched to, a list as `Upgrade` has it; undefined: it stays HTTP. */
    get switchesTo(): string | undefined {
      if (this.protocols === null) this.protocols = this.asked ? protocolsOf(this, policy) : undefined;
      return this.protocols;
    }

    /** True for an ignored upgrade: node loses what its client sent right behind it, so it is its connection's last. */
    get staysHttp(): boolean {
      return this.asked && !this.upgrade;
    }
  };
}

export type RequestClass = ReturnType<typeof createRequestClass>;
/** A client's request that knows, before its body is read, whether it is to leave HTTP. */
export type UpgradableRequest = InstanceType<RequestClass>;

function protocolsOf(request: IncomingMessage, { allows, busy }: UpgradePolicy): string | undefined {
  const { rawHeaders, headers, httpVersion, socket } = request;
  if (httpVersion === "1.0" || headers["transfer-encoding"] !== undefined) return undefined;
  if (Number(headers["content-length"] ?? 0) !== 0 || busy(socket)) return undefined;
  const allowed = listValues(rawHeaders, "upgrade").filter((protocol) => allows(protocol.toLowerCase()));
  return allowed.length === 0 ? undefined : allowed.join(", ");
}
