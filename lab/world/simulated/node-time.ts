import {
  createVirtualTime,
  type NextTurn,
  type VirtualTime,
  type VirtualTimeOptions,
} from "./virtual-time.ts";
import { makeObjectsYoung } from "./young-objects.ts";

/** A turn of node's loop. */
export const nodeTurn: NextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** Virtual time in a process of node's. */
export function createNodeTime(options: Omit<VirtualTimeOptions, "nextTurn"> = {}): VirtualTime {
  makeObjectsYoung();
  return createVirtualTime({ ...options, nextTurn: nodeTurn });
}
