// A unit's program for tests of the supervisor: `behave` in its configuration says what it does.
import { readFileSync } from "node:fs";

const configPath = process.argv[2];
const config = JSON.parse(readFileSync(configPath, "utf8"));
const say = (message) => process.connected && process.send(message);

process.on("disconnect", () => process.exit(0));
process.on("SIGTERM", () => config.behave !== "ignore-sigterm" && process.exit(0));
process.on("SIGHUP", () => say({ type: "config", config: JSON.parse(readFileSync(configPath, "utf8")) }));
setInterval(() => {}, 60_000);
console.log(`${config.name} started`);

if (config.behave === "crash") process.exit(7);
say({ type: "ready" });
say({ type: "environment", env: process.env, argv: process.argv, cwd: process.cwd(), pid: process.pid });
if (config.behave === "block") {
  // Once the word is out: nothing but the kernel can reach this process any more.
  setImmediate(() => {
    for (;;);
  });
}
