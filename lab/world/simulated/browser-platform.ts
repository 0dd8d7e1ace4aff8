import { portableHashing } from "../../../runtime/portable-hashing.ts";
import type { MonitoringTexts } from "../../observe/text-file.ts";
import type { Platform } from "./platform.ts";
import type { NextTurn } from "./virtual-time.ts";

/** A browser's page or worker, with the texts that it was given. */
export function browserPlatform(texts: MonitoringTexts): Platform {
  return { hashing: portableHashing, texts, nextTurn: createMessageTurn() };
}

/** A message to oneself comes in the loop's next turn; a timer would come 4 ms later. */
export function createMessageTurn(): NextTurn {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.addEventListener("message", () => waiting.shift()?.());
  port1.start();
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      port2.postMessage(null);
    });
}
