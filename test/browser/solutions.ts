import { findScenario } from "../../scenarios/index.ts";
import type { ConsolePage } from "./console-page.ts";

/** The text of the repair that is written as a configuration. */
function rightText(alias: string): string {
  const step = findScenario(alias)?.paces.drill.rightFixes[0]?.steps[0];
  if (step?.do !== "config apply") throw new Error(`${alias} is not repaired by a configuration`);
  return step.yaml;
}

async function rollBack({ open, press }: ConsolePage): Promise<void> {
  const configuration = await open("Configuration");
  await press(configuration.getByRole("button", { name: "Roll back", exact: true }));
}

/** What repairs each incident, by its alias, with nothing but the page's own buttons and texts. */
export const SOLUTIONS: Readonly<Record<string, (page: ConsolePage) => Promise<void>>> = {
  async overture({ unit }) {
    await unit("disable", "kiosk");
    await unit("stop", "kiosk");
    await unit("restart", "balancer");
  },
  lantern: ({ apply }) => apply(rightText("lantern")),
  juniper: ({ apply }) => apply(rightText("juniper")),
  thistle: rollBack,
  harvest: rollBack,
};
