# The lab in one image: the programs that `docker compose up` and `lblab start --world docker` run each in a container of its
# own, and the command line (dist/lab/cli/main.js). Which of them runs is the command. Everything is built inside, as the
# package that others install: nothing of the checkout's own dist/ or node_modules/ gets in. Works with and without BuildKit.
#
# BASE_IMAGE: an image with node, npm and a shell. One of your own may bring certificates or an .npmrc for npm.
ARG BASE_IMAGE=node:20.20-slim

FROM ${BASE_IMAGE} AS package
# Where npm gets packages from, when it is not npm's own registry.
ARG NPM_CONFIG_REGISTRY
WORKDIR /source
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY Dockerfile tsconfig.json tsconfig.build.json tsconfig.types.json ./
COPY runtime runtime
COPY lb lb
COPY backends backends
COPY scenarios scenarios
COPY lab lab
COPY dashboards dashboards
COPY package package
RUN npm run --silent pack -- /pack

FROM ${BASE_IMAGE} AS installed
COPY --from=package /pack /pack
WORKDIR /app
# Offline: what the package needs is in it. Types are for authors of scenarios.
RUN npm install --offline --omit=optional --omit=peer --ignore-scripts --no-audit --no-fund --no-package-lock /pack/*.tgz \
  && find . -type f -name '*.d.*ts' -delete && find . -type d -name @types -prune -exec rm -rf '{}' +

FROM ${BASE_IMAGE}
LABEL lblab.image=lab
# The lab's own files, when the command line runs in here, lie where anybody may write.
ENV NODE_ENV=production NO_COLOR=1 LBLAB_DIR=/tmp/lblab
COPY --from=installed /app /app
WORKDIR /app/node_modules/outage-lab
# Any number: nothing in the image belongs to it, and nothing is written there.
USER 1000:1000
ENTRYPOINT ["node", "--max-semi-space-size=1", "--v8-pool-size=1"]
