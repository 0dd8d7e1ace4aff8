import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { bundlePrograms } from "./bundle.ts";
import { PROGRAMS } from "./programs.ts";
import { pruneBundled } from "./bundled.ts";
import { packedDockerfile, packedDockerignore } from "./dockerfile.ts";
import { checkoutManifest, packedManifest } from "./manifest.ts";
import { packageLock, shrinkwrapOf } from "./shrinkwrap.ts";

/**
 * `npm run pack [-- DIRECTORY]`: makes the package's tarball in the directory (default: the checkout), out of a folder of its
 * own that holds what the package does and nothing else.
 */
const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");
const destination = resolve(process.argv[2] ?? root);
const staging = join(root, "dist", "pack");

/** What is read at run time beside the code. */
const DATA = [
  "dashboards/alertmanager.yml",
  "dashboards/alerts/causes.rules.yml",
  "dashboards/alerts/symptoms.rules.yml",
  "dashboards/grafana/json",
  "dashboards/grafana/provisioning",
  "dashboards/prometheus.yml",
  "lab/contract/skeleton",
  "lb/config/schema.json",
  ...textsOfScenarios(),
];
/** For people; an image is built without them. */
const TEXTS = ["CHANGELOG.md", "LICENSE", "README.md", "docs"];
/** The package's allow-list. npm adds package.json, README.md and LICENSE by itself. */
const FILES = [
  ".dockerignore",
  "CHANGELOG.md",
  "Dockerfile",
  "dashboards",
  "dist",
  "docs",
  "lab",
  "lb",
  "npm-shrinkwrap.json",
  "scenarios",
];
const BUILT_FROM = [...FILES, "node_modules", "package.json"].filter((name) => !TEXTS.includes(name));

rmSync(staging, { recursive: true, force: true });
mkdirSync(staging, { recursive: true });
for (const path of [...DATA, ...TEXTS.filter((text) => existsSync(join(root, text)))])
  cpSync(join(root, path), join(staging, path), { recursive: true });

const checkout = checkoutManifest.parse(json("package.json"));
const manifest = packedManifest(checkout, FILES);
write("package.json", manifest);
writeFileSync(join(staging, "Dockerfile"), packedDockerfile(readFileSync(join(root, "Dockerfile"), "utf8")));
writeFileSync(join(staging, ".dockerignore"), packedDockerignore(BUILT_FROM));

await bundlePrograms({ root, out: join(staging, "dist"), programs: PROGRAMS, sourcemap: false });
const tsc = join(root, "node_modules/typescript/bin/tsc");
run(process.execPath, tsc, "-p", join(root, "tsconfig.types.json"), "--outDir", join(staging, "dist"));
for (const file of filesIn(join(staging, "dist")).filter((name) => name.endsWith(".d.ts")))
  // The compiler leaves the endings of sources in declarations, where only some readers understand them.
  writeFileSync(file, readFileSync(file, "utf8").replaceAll(/(?<=["']\.[^"']*)\.ts(?=["'])/g, ".js"));
// The pages as the build made them.
for (const page of ["dist/site", "dist/console"])
  cpSync(join(root, page), join(staging, page), { recursive: true });
chmodSync(join(staging, "dist/lab/cli/main.js"), 0o755);

const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
cpSync(join(root, "package-lock.json"), join(staging, "package-lock.json"));
// Of the checkout's lock what the package needs.
run("npm", "install", "--package-lock-only", "--ignore-scripts", "--prefer-offline", ...quiet);
run("npm", "ci", "--omit=peer", "--ignore-scripts", "--prefer-offline", ...quiet);
pruneBundled(join(staging, "node_modules"));
write("npm-shrinkwrap.json", shrinkwrapOf(packageLock.parse(json(join(staging, "package-lock.json")))));
mkdirSync(destination, { recursive: true });
run("npm", "pack", "--pack-destination", destination, "--loglevel=error");

function textsOfScenarios(): readonly string[] {
  const folders = readdirSync(join(root, "scenarios"), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  return folders.flatMap(({ name }) => ["brief.md", "answer.md"].map((text) => `scenarios/${name}/${text}`));
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function json(path: string): unknown {
  return JSON.parse(readFileSync(resolve(root, path), "utf8"));
}

function write(path: string, data: object): void {
  writeFileSync(join(staging, path), `${JSON.stringify(data, undefined, 2)}\n`);
}

function run(program: string, ...args: readonly string[]): void {
  execFileSync(program, [...args], { cwd: staging, stdio: ["ignore", "inherit", "inherit"] });
}
