import { OPERATION_NAMES } from "../../lab/trainee/routes.ts";
import { traineeOf, type Trainee } from "../../lab/trainee/trainee.ts";

/** A trainee with the test's operations, which rejects all others by name. */
export const fakeTrainee = (does: Partial<Trainee>): Trainee => ({
  ...traineeOf(OPERATION_NAMES, (name) => Promise.reject(new Error(`no test needs ${name}`))),
  ...does,
});
