import { join } from "node:path";
import { rolldown } from "rolldown";

export interface Bundle {
  /** One script, minified. */
  readonly code: string;
  /** What had to be said of it: modules that were not found above all. */
  readonly warnings: readonly string[];
  /** What it would import at run time. */
  readonly imports: readonly string[];
}

/** The worker for a browser, with nothing put in the place of any module. */
export async function bundleWorker(): Promise<Bundle> {
  const warnings: string[] = [];
  const build = await rolldown({
    input: join(import.meta.dirname, "worker.ts"),
    platform: "browser",
    treeshake: true,
    onLog: (level, log) => {
      if (level === "warn") warnings.push(log.message);
    },
  });
  const { output } = await build.generate({ format: "esm", minify: true });
  await build.close();
  const chunks = output.filter((one) => one.type === "chunk");
  const [only, ...others] = chunks;
  if (only === undefined || others.length > 0) throw new Error("the worker is not one script");
  return { code: only.code, warnings, imports: [...only.imports, ...only.dynamicImports] };
}
