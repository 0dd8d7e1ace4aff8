import { OPERATION_NAMES } from "../../lab/trainee/routes.ts";
import { traineeOf, type Trainee } from "../../lab/trainee/trainee.ts";

/** A trainee that does what the test says, and rejects everything else by its name. */
export const fakeTrainee = (does: Partial<Trainee>): Trainee => ({
  ...traineeOf(OPERATION_NAMES, (name) => Promise.reject(new Error(`no test needs ${name}`))),
  ...does,
});
