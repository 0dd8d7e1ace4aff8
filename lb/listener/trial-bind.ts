import { createServer } from "node:net";
import { BindFailure } from "./bind-failure.ts";
import type { BalancerConfig } from "../config/schema.ts";
import type { Path } from "../../runtime/yaml/fault.ts";
import { parseAddress } from "../address.ts";

/** Binds every address of a configuration, one after the other, and lets each go at once. All that cannot be had. */
export async function trialBind({ listeners, admin }: BalancerConfig): Promise<readonly BindFailure[]> {
  const wanted: { readonly bind: string; readonly path: Path }[] = [
    ...listeners.map(({ bind }, index) => ({ bind, path: ["listeners", index, "bind"] })),
    { bind: admin.bind, path: ["admin", "bind"] },
  ];
  const failures: BindFailure[] = [];
  for (const { bind, path } of wanted) {
    const error = await bindOnce(bind);
    if (error !== undefined) failures.push(new BindFailure(bind, path, error));
  }
  return failures;
}

function bindOnce(bind: string): Promise<unknown> {
  const { host, port } = parseAddress(bind);
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", resolve);
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
