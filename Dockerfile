# The lab's programs in one small image: balancer, backends, prober, load, relay. Which of them runs is the command.
ARG BASE_IMAGE=node:20.20-slim
FROM ${BASE_IMAGE}
ENV NODE_ENV=production NO_COLOR=1
WORKDIR /app
COPY package.json ./
COPY node_modules ./node_modules
COPY dist ./dist
# Any number: nothing in the image belongs to it, and nothing is written there.
USER 1000:1000
ENTRYPOINT ["node", "--max-semi-space-size=1", "--v8-pool-size=1"]
