import { setFlagsFromString } from "node:v8";

/**
 * Has V8 allocate every object in the young generation, for the rest of the process. It would pretenure objects where many of
 * their kind have grown old, as they do while a simulation begins; a dead old object then keeps alive what it refers to: a
 * third of all that an incident allocates, until a full collection.
 */
export function makeObjectsYoung(): void {
  setFlagsFromString("--no-allocation-site-pretenuring");
}
