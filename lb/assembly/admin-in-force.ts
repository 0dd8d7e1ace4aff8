import { messageOf } from "../../runtime/errors.ts";
import type { Log } from "../../runtime/log.ts";
import { parseAddress, type Target } from "../address.ts";
import { BindFailure } from "../listener/bind-failure.ts";
import type { Admin } from "../admin/admin.ts";

/** How long requests to an admin interface may take to end when it closes. */
const CLOSE_MS = 1000;

/** An admin interface that listens. */
export interface AdminPlace {
  readonly bind: string;
  readonly admin: Admin;
  readonly port: number;
}

/** The admin interface at the address of the configuration in force. */
export interface AdminInForce {
  /** 0 while there is none. */
  readonly port: number;
  /** One that listens at another address than the one in force; undefined: it is the same. Throws BindFailure. */
  open(bind: string): Promise<AdminPlace | undefined>;
  /** Takes the place of the one in force, which closes. */
  replace(next: AdminPlace): void;
  close(): Promise<void>;
}

export function createAdminInForce(log: Log, create: (bind: Target) => Admin): AdminInForce {
  let current: AdminPlace | undefined;
  return {
    get port() {
      return current?.port ?? 0;
    },
    async open(bind) {
      if (bind === current?.bind) return undefined;
      const admin = create(parseAddress(bind));
      try {
        return { bind, admin, port: (await admin.listen()).port };
      } catch (error) {
        await admin.close(0);
        throw new BindFailure(bind, ["admin", "bind"], error);
      }
    },
    replace(next) {
      const old = current;
      current = next;
      old?.admin
        .close(CLOSE_MS)
        .catch((error: unknown) => log.error({ err: messageOf(error) }, "closing the admin"));
    },
    async close() {
      await current?.admin.close(CLOSE_MS);
    },
  };
}
