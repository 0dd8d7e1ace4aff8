import { CodedError, messageOf, systemCode } from "../runtime/errors.ts";
import type { Path } from "../runtime/yaml/fault.ts";

/** An address that the configuration asks for and the machine does not give. `code` of the cause: EADDRINUSE, EACCES. */
export class BindFailure extends CodedError {
  /** Where the configuration asks for it. */
  readonly path: Path;
  /** HOST:PORT. */
  readonly bind: string;
  /** What the system said: `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`. */
  readonly system: string;

  constructor(bind: string, path: Path, cause: unknown) {
    const system = systemCode(cause) ?? messageOf(cause);
    super("PORT_IN_USE", `cannot listen on ${bind}: ${system}`, { cause });
    this.name = "BindFailure";
    this.bind = bind;
    this.path = path;
    this.system = system;
  }
}
