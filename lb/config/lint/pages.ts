import { CodedError } from "../../../runtime/errors.ts";
import { nearest } from "../did-you-mean.ts";
import { RULES } from "./rules/index.ts";

/** The page that `--explain CODE` prints. */
export interface Page {
  readonly code: string;
  /** A `fault` keeps a configuration from being applied, the others do not. */
  readonly severity: "fault" | "error" | "warning";
  readonly title: string;
  readonly page: string;
}

/** The codes of faults, which are found before any rule runs. */
const FAULTS: readonly Page[] = [
  {
    code: "CONFIG_INVALID",
    severity: "fault",
    title: "A configuration that is refused",
    page: `A field is unknown, missing or has a value that is not allowed; a name is used twice; a route leads to no pool; a
certificate or a key cannot be used. The message lists what is allowed at that place. A configuration that has faults is
refused as a whole, and the one in force stays in force.

Correct what each line names. lb/config/schema.json describes every field, for editors too.`,
  },
  {
    code: "PORT_IN_USE",
    severity: "fault",
    title: "An address that cannot be had",
    page: `Every address of the listeners and of the admin interface is bound for a moment, and released again. EADDRINUSE: another
program listens there. EACCES: ports below 1024 belong to root. EADDRNOTAVAIL: the address is not this machine's. What
the balancer that runs under this configuration holds itself does not count.

Stop the other program, or bind to another port.`,
  },
];

/** Every code there is, with its page. */
export const PAGES: readonly Page[] = [...FAULTS, ...RULES];

/** Throws NOT_FOUND, with the nearest code. */
export function pageOf(code: string): Page {
  const wanted = code.toUpperCase().replaceAll("-", "_");
  const found = PAGES.find((page) => page.code === wanted);
  if (found) return found;
  const codes = PAGES.map((page) => page.code);
  const near = nearest(wanted, codes);
  throw new CodedError("NOT_FOUND", `there is no code ${code.slice(0, 60)}`, {
    hint: near === undefined ? "without a code, all are listed" : `did you mean ${near}?`,
  });
}
