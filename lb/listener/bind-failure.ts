import { messageOf, systemCode } from "../../runtime/errors.ts";
import type { Path } from "../../runtime/yaml/fault.ts";
import { UnmetNeed } from "../config/unmet-need.ts";

/** An address in the configuration that could not be bound. `code` of the cause: EADDRINUSE, EACCES. */
export class BindFailure extends UnmetNeed {
  /** HOST:PORT. */
  readonly bind: string;
  /** The system's code: `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`. */
  readonly system: string;

  constructor(bind: string, path: Path, cause: unknown) {
    const system = systemCode(cause) ?? messageOf(cause);
    super("PORT_IN_USE", path, `cannot listen on ${bind}: ${system}`, cause);
    this.name = "BindFailure";
    this.bind = bind;
    this.system = system;
  }
}
