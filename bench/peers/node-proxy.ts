import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Contender } from "./contender.ts";

/** A Node proxy as its documentation has it, with nothing but upstream keep-alive switched on: a program in `proxies/`. */
export const nodeProxy = (name: string, program: string, node: string, dist: string): Contender => ({
  name,
  with: "keep-alive",
  prepare({ port, upstreamPorts }) {
    const file = join(dist, "bench", "peers", "proxies", `${program}.js`);
    if (!existsSync(file)) return { missing: `${file} is not there: npm run build` };
    return { file: node, args: [file, String(port), ...upstreamPorts.map(String)] };
  },
});
