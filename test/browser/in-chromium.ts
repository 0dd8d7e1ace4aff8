import { chromium, type Browser } from "playwright-core";
import { findChromium } from "./chromium.ts";

const executablePath = findChromium();

/** True where nothing can be run in Chromium, and nobody insists. */
export const isSkipped = executablePath === undefined && process.env["LBLAB_REQUIRE_CHROMIUM"] === undefined;

if (isSkipped)
  console.warn(
    "no Chromium is installed, so nothing is run in it: apt-get install chromium, or LBLAB_CHROMIUM",
  );

export function launchChromium(): Promise<Browser> {
  if (executablePath === undefined) throw new Error("CI needs Chromium: apt-get install chromium");
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
}
