import { userInfo } from "node:os";
import { Option } from "commander";
import type { DrillContext } from "../../drill/events.ts";

const MOST_CHARACTERS = 64;

export const traineeOption = (): Option =>
  new Option("--trainee <name>", "who drills, for the record (LBLAB_TRAINEE; default: your account)");

/** Who drills: the account, and the name that was given by flag or LBLAB_TRAINEE. */
export function traineeFrom(
  given: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Pick<DrillContext, "user" | "trainee"> {
  const user = accountName();
  const name = (given ?? environment["LBLAB_TRAINEE"] ?? "")
    .replaceAll(/\p{Cc}/gu, " ")
    .trim()
    .slice(0, MOST_CHARACTERS);
  return { user, trainee: name === "" ? user : name };
}

function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    // An account without an entry, as in a container.
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}
