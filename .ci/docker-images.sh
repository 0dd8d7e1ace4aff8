#!/usr/bin/env bash
# Images for the container tests where no registry can be reached: a base out of this machine's Node, npm and shell, and
# Prometheus and Alertmanager out of its own packages, laid out as the official images are: the same directories with the same
# owners, users, volumes and entry points, and busybox for the health checks. The lab's image is built from the real
# Dockerfile. Prints the environment that makes Compose use them.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# program ROOT PROGRAM [PLACE]: a program and the libraries that it needs.
program() {
  local root=$1 place=$1${3:-/usr/bin/$(basename "$2")}
  mkdir -p "$(dirname "$place")"
  cp --dereference "$2" "$place"
  { ldd "$2" || true; } 2>/dev/null | grep -o '/[^ )]*' | while read -r library; do
    [ -e "$root$library" ] || install -D "$(realpath "$library")" "$root$library"
  done
}

# rootfs NAME: a file system with the directories, users and name services that every image has.
rootfs() {
  local root=$work/$1
  mkdir -p "$root"/{bin,usr/bin,etc,tmp}
  chmod 1777 "$root/tmp"
  printf '%s\n' root:x:0:0::/root:/bin/sh node:x:1000:1000::/home/node:/bin/sh nobody:x:65534:65534::/:/bin/false \
    >"$root/etc/passwd"
  printf '%s\n' root:x:0: node:x:1000: nobody:x:65534: >"$root/etc/group"
  echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
  # Names are looked up by libraries that no program names, and a native module of npm names its own.
  for library in /lib/x86_64-linux-gnu/{libnss_dns,libnss_files,libresolv}.so.2 \
    /lib/x86_64-linux-gnu/{librt.so.1,libdl.so.2,libpthread.so.0,libm.so.6,libgcc_s.so.1}; do
    [ -e "$library" ] && install -D "$(realpath "$library")" "$root$library"
  done
}

import() {
  local name=$1 changes=()
  shift
  for change in "$@"; do changes+=(--change "$change"); done
  tar -C "$work/$name" -c . | docker import "${changes[@]}" - "lblab-test/$name:local" >/dev/null
}

# Node, npm with this machine's certificates and settings, and what the Dockerfile's commands need.
rootfs node
program "$work/node" "$(command -v node)" /usr/local/bin/node
for tool in sh env find rm setpriv; do program "$work/node" "$(command -v "$tool")" "/bin/$tool"; done
ln -s ../../bin/env "$work/node/usr/bin/env"
npm_dir=$(dirname "$(dirname "$(realpath "$(command -v npm)")")")
mkdir -p "$work/node/usr/local/lib/node_modules" "$work/node/usr/local/etc"
cp -r "$npm_dir" "$work/node/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$work/node/usr/local/bin/npm"
certificates=$(npm config get cafile)
if [ -f "$certificates" ]; then
  install -D -m 644 "$certificates" "$work/node$certificates"
  echo "cafile=$certificates" >"$work/node/usr/local/etc/npmrc"
fi
registry=$(npm config get registry)
echo "registry=$registry" >>"$work/node/usr/local/etc/npmrc"
import node 'ENV PATH=/usr/local/bin:/usr/bin:/bin' 'ENTRYPOINT []' 'CMD ["node"]'

# wget of busybox, which the official images of Prometheus and Alertmanager have their health asked with.
(cd "$work" && apt-get -q download busybox-static >/dev/null 2>&1 && dpkg -x busybox-static_*.deb busybox)

# observer NAME PROGRAM DATA: as the Dockerfiles of the two official images lay it out.
observer() {
  local name=$1 data=$3 root=$work/$1
  rootfs "$name"
  program "$root" "$2" "/bin/$name"
  cp "$work/busybox/bin/busybox" "$root/bin/wget"
  mkdir -p "$root$data" "$root/etc/$name"
  chown -R 65534:65534 "$root$data" "$root/etc/$name"
  # Debian's Alertmanager reads its own templates from here at every start.
  [ ! -d "/usr/share/prometheus/$name" ] || (mkdir -p "$root/usr/share/prometheus" && cp -r "/usr/share/prometheus/$name" "$root/usr/share/prometheus/")
  import "$name" 'USER nobody' "WORKDIR $data" "VOLUME $data" "ENTRYPOINT [\"/bin/$name\"]"
}
observer prometheus "$(command -v prometheus)" /prometheus
observer alertmanager "$(command -v prometheus-alertmanager)" /alertmanager

docker build --quiet --build-arg BASE_IMAGE=lblab-test/node:local --tag lblab-test/lab:local . >/dev/null

echo "LAB_IMAGE=lblab-test/lab:local"
echo "BASE_IMAGE=lblab-test/node:local"
echo "PROMETHEUS_IMAGE=lblab-test/prometheus:local"
echo "ALERTMANAGER_IMAGE=lblab-test/alertmanager:local"
echo "LAB_PULL_POLICY=never"
