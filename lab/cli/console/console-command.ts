import { join } from "node:path";
import type { Command } from "commander";
import { createAdminServer } from "../../../runtime/admin-server.ts";
import { aborted } from "../../../runtime/aborted.ts";
import { CodedError, EXIT, messageOf, systemCode } from "../../../runtime/errors.ts";
import { pageHeaders, readPageFiles, servePageFiles, type PageFiles } from "../../control/page-files.ts";
import type { Context } from "../context.ts";
import { refuseDuringDrill } from "../spoilers.ts";

const DEFAULT_PORT = 8420;

/** `lblab console`: the site with the simulated world, on the loopback, until Ctrl-C. Throws SPOILER while a drill runs. */
export async function consoleCommand(context: Context, command: Command): Promise<number> {
  const { output, settings, dist, signal } = context;
  const { port } = command.opts<{ port?: string }>();
  const wanted = portOf(port);
  refuseDuringDrill(settings);
  const files = readPageFiles(join(dist, "site"));
  if (!files)
    throw new CodedError("ENVIRONMENT", "the site has not been built", { hint: "npm run build builds it" });
  const site = await serve(files, {
    wanted,
    fixed: port !== undefined,
    mayServe: () => refuseDuringDrill(settings),
  });
  const url = `http://127.0.0.1:${site.port}/`;
  if (output.json) output.printJson({ schemaVersion: 1, url });
  else output.print(`the console is on ${url}; Ctrl-C ends it`);
  await aborted(signal);
  await site.close();
  return EXIT.interrupted;
}

interface ServeOptions {
  readonly wanted: number;
  /** False: any other port does as well. */
  readonly fixed: boolean;
  /** Throws CodedError SPOILER while a drill runs, which may have begun after the site was opened. */
  readonly mayServe: () => void;
}

interface Site {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves the site's files and nothing else. Throws PORT_IN_USE. */
export async function serve(files: PageFiles, { wanted, fixed, mayServe }: ServeOptions): Promise<Site> {
  const { server, listen } = createAdminServer({
    address: { host: "127.0.0.1", port: wanted },
    token: undefined,
    bodyLimit: 1024,
    closing: "all",
    headers: pageHeaders({ workers: true }),
    refused: (refusal) => ({ error: refusal }),
  });
  server.addHook("onRequest", async (_request, reply) => {
    try {
      mayServe();
    } catch (error) {
      return reply.code(409).type("text/plain").send(messageOf(error));
    }
  });
  servePageFiles(server, files);
  try {
    return { port: await listen(), close: () => server.close() };
  } catch (error) {
    await server.close();
    if (systemCode(error) !== "EADDRINUSE") throw error;
    if (!fixed && wanted !== 0) return serve(files, { wanted: 0, fixed, mayServe });
    throw new CodedError("PORT_IN_USE", `port ${wanted} is in use`, { hint: "--port N names another one" });
  }
}

function portOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_PORT;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new CodedError("USAGE", `a port is a whole number up to 65535, not "${text}"`);
}
