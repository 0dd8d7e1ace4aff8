import { portHolders } from "../../../runtime/port-holder.ts";

/** Run inside a container: prints which of the given ports are listened on by a process of this container, as JSON. */
const ports = process.argv.slice(2).map(Number);
const holders = await portHolders(ports, [1]);
process.stdout.write(JSON.stringify([...holders].map(([port, { pid, name }]) => ({ port, pid, name }))));
process.exit(0);
