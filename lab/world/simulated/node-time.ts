import {
  createVirtualTime,
  type NextTurn,
  type VirtualTime,
  type VirtualTimeOptions,
} from "./virtual-time.ts";
import { makeObjectsYoung } from "./young-objects.ts";

/** A turn of Node's event loop. */
export const nodeTurn: NextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** Virtual time in a Node process. */
export function createNodeTime(options: Omit<VirtualTimeOptions, "nextTurn"> = {}): VirtualTime {
  makeObjectsYoung();
  return createVirtualTime({ ...options, nextTurn: nodeTurn });
}
