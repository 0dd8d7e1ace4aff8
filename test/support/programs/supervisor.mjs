// A small supervisor of its own process, to be killed: node supervisor.mjs BUILD HOME JSON, where JSON is
// { programs, setpriv?, units }. Tells its parent the pids of its units once all of them are up.
import { pathToFileURL } from "node:url";

const [build, home, spec] = process.argv.slice(2);
const part = (path) => import(pathToFileURL(`${build}/${path}`).href);
const { systemClock: clock } = await part("runtime/clock.js");
const { createLiveHost } = await part("lab/world/live/host.js");
const { claimRunDir } = await part("lab/world/run/run-dir.js");
const { programs, setpriv, units } = JSON.parse(spec);

const runDir = await claimRunDir({ home, base: 8080, ports: [], pid: process.pid }, { clock });
const searchPath = process.env.PATH;
const config = {
  node: process.execPath,
  programs,
  supervisorPid: process.pid,
  searchPath,
  setpriv,
  ports: [],
  keys: {},
};
const host = createLiveHost(config, { clock, runDir });
for (const unit of units) host.add(unit).start();
await host.settled();
process.send({ pids: host.units().map((unit) => unit.pid), states: host.units().map((unit) => unit.state) });
