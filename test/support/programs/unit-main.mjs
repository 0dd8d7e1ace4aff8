// A unit built on the project's own main, whose loop is blocked as soon as it is ready. Run with BUILD in its
// configuration, next to which the built runtime lies.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { build } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { runUnit } = await import(pathToFileURL(`${build}/runtime/unit-process.js`).href);
const { aborted } = await import(pathToFileURL(`${build}/runtime/aborted.js`).href);

runUnit(
  (raw) => raw,
  async (unit) => {
    unit.ready();
    if (unit.config.behave === "block")
      setImmediate(() => {
        for (;;);
      });
    await aborted(unit.lifetime);
  },
);
