# The lab in one image: the programs that `docker compose up` and `lblab start --world docker` run each in a container of its
# own, and the command line (dist/lab/cli/main.js). Which of them runs is the command. Everything is built inside: nothing of
# the checkout's own dist/ or node_modules/ gets in. Works with and without BuildKit.
#
# BASE_IMAGE: an image with node, npm and a shell. One of your own may bring certificates or an .npmrc for npm.
ARG BASE_IMAGE=node:20.20-slim

FROM ${BASE_IMAGE} AS build
# Where npm gets packages from, when it is not npm's own registry.
ARG NPM_CONFIG_REGISTRY
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY runtime runtime
COPY lb lb
COPY backends backends
COPY scenarios scenarios
COPY lab lab
COPY dashboards dashboards
RUN npm run --silent build
# What runs needs neither types nor maps nor tests, nor what only builds.
RUN npm prune --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/@types \
  && find dist node_modules -type f '(' -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' ')' -delete \
  && find node_modules -type d '(' -name test -o -name tests -o -name __tests__ ')' -prune -exec rm -rf '{}' + \
  && find scenarios -type f ! -name '*.md' -delete

FROM ${BASE_IMAGE}
LABEL lblab.image=lab
# The lab's own files, when the command line runs in here, lie where anybody may write.
ENV NODE_ENV=production NO_COLOR=1 LBLAB_DIR=/tmp/lblab
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dashboards dashboards
COPY --from=build /app/scenarios scenarios
COPY --from=build /app/dist dist
# Any number: nothing in the image belongs to it, and nothing is written there.
USER 1000:1000
ENTRYPOINT ["node", "--max-semi-space-size=1", "--v8-pool-size=1"]
