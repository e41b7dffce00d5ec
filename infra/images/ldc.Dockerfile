# Every role of LdcLedger: `serve` and `worker` are verbs of one program. Built by docker-compose.yml from the repository's root;
# TORCH_BACKEND=cuda makes the image of a GPU worker (the driver comes from the host through the NVIDIA container runtime).
FROM mcr.microsoft.com/dotnet/sdk:10.0.401-noble AS build
ARG TORCH_BACKEND=cpu
WORKDIR /source
COPY Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig global.json ./
COPY src src
RUN dotnet publish src/LdcLedger.Cli -c Release -r linux-x64 --no-self-contained -p:TorchBackend=$TORCH_BACKEND -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0.12-noble
# libgomp: libtorch's threads. Fonts are not needed: reports embed their own.
RUN apt-get update \
 && apt-get install -y --no-install-recommends libgomp1 \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /app /app
RUN install -d -o app -g app /artifacts /data /studies
ENV LDC_ARTIFACTS=/artifacts LDC_DATA=/data LDC_HEALTH=0.0.0.0:8080
USER app
# Where relative paths of a study's spec are looked for: mount the folder that holds models and domains here.
WORKDIR /studies
STOPSIGNAL SIGTERM
ENTRYPOINT ["/app/ldc"]
