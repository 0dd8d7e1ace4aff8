#!/usr/bin/env node
import { descriptorLimit } from "../../runtime/descriptor-limit.ts";
import { EXIT } from "../../runtime/errors.ts";

/** As many as it takes to load the lab's programs, and to work with them. */
const DESCRIPTORS_NEEDED = 256;

// Nothing else is imported before this is known: to load the rest opens more files at a time than a shell may allow, and
// all that node prints then is a stack.
const limit = descriptorLimit();
if (limit !== undefined && limit < DESCRIPTORS_NEEDED) {
  process.stderr.write(
    `lblab: this shell allows ${limit} open files and sockets, ${DESCRIPTORS_NEEDED} are needed\n  ulimit -n 1024\n`,
  );
  process.exit(EXIT.environment);
}
await import("./run-command.ts");
