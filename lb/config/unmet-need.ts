import { CodedError, type ErrorCode } from "../../runtime/errors.ts";
import type { Path } from "../../runtime/yaml/fault.ts";

/** Something that a configuration asks of the machine and does not get: an address, a certificate, a file. */
export class UnmetNeed extends CodedError {
  /** Where the configuration asks for it. */
  readonly path: Path;

  constructor(code: ErrorCode, path: Path, message: string, cause?: unknown) {
    super(code, message, cause === undefined ? {} : { cause });
    this.name = "UnmetNeed";
    this.path = path;
  }
}
