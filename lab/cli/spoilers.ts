import { CodedError } from "../../runtime/errors.ts";
import { basesIn, connect, type Settings } from "./settings.ts";

/** Throws CodedError SPOILER while a drill runs in a lab of these settings: what is asked for would give its answer away. */
export async function refuseDuringDrill(settings: Settings): Promise<void> {
  const bases = settings.portBase === undefined ? basesIn(settings.home) : [settings.portBase];
  for (const portBase of bases) {
    const status = await Promise.resolve()
      .then(() => connect({ ...settings, portBase }).status())
      .catch(() => undefined);
    if (status?.drill && status.drill.phase !== "done")
      throw new CodedError("SPOILER", "a drill is running: that would give its answer away", {
        hint: "lblab end finishes it",
      });
  }
}
