# The command `presently`: `docker run --network host IMAGE standalone`, `… projector`, `… topics create`.

FROM node:22-slim AS build
WORKDIR /presently
COPY package.json package-lock.json ./
# Without scripts: ours would build, and the sources are not there yet; the packages' binaries come prebuilt.
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:22-slim
ENV NODE_ENV=production PRESENTLY_DATA=/var/lib/presently
WORKDIR /presently
RUN mkdir /var/lib/presently && chown node:node /var/lib/presently
COPY --from=build /presently/package.json ./
COPY --from=build /presently/node_modules ./node_modules
COPY --from=build /presently/bin ./bin
COPY --from=build /presently/dist ./dist
USER node
# A port has to be given by PRESENTLY_PORT, not --port, to be found here.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["node", "-e", \
  "fetch(`http://127.0.0.1:${process.env.PRESENTLY_PORT || 8080}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bin/presently.js"]
CMD ["--help"]
