import { existsSync } from "node:fs";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Where Chromium is: LBLAB_CHROMIUM, else where Debian and others put it. Undefined: it is not installed. */
export function findChromium(): string | undefined {
  const given = process.env["LBLAB_CHROMIUM"];
  return given !== undefined && given !== "" ? given : PLACES.find((path) => existsSync(path));
}
