const STAGE = /^FROM \S+ AS package$[^]*?(?=^FROM )/m;

/** Instead of building from sources: the package is what there is, and is packed again. */
const FROM_PACKAGE = `FROM \${BASE_IMAGE} AS package
# Compose passes it, and nothing is fetched.
ARG NPM_CONFIG_REGISTRY
WORKDIR /pack
WORKDIR /source
COPY . .
RUN npm pack --silent --offline --pack-destination /pack

`;

/** The package's own Dockerfile: the checkout's, but for the stage that makes the package. */
export function packedDockerfile(checkout: string): string {
  if (!STAGE.test(checkout)) throw new Error("the Dockerfile has no stage called package");
  return checkout.replace(STAGE, () => FROM_PACKAGE);
}

/** The package's own .dockerignore: these files, and nothing that was put beside them later. */
export const packedDockerignore = (files: readonly string[]): string =>
  ["# What the Dockerfile builds from.", "*", ...files.map((name) => `!${name}`), ""].join("\n");
