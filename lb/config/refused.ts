import { CodedError } from "../../runtime/errors.ts";
import { formatFault, type Fault } from "../../runtime/yaml/fault.ts";

/** A configuration that is refused, with every fault and its place. The one before it stays in force. */
export class ConfigRefused extends CodedError {
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    super("CONFIG_INVALID", faults.map(formatFault).join("\n"));
    this.name = "ConfigRefused";
    this.faults = faults;
  }
}
