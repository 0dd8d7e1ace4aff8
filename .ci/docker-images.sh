#!/usr/bin/env bash
# Images for the container tests where no registry can be reached: a base out of this machine's Node, and Prometheus and
# Alertmanager out of its own packages. Prints the environment that makes Compose use them.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# rootfs NAME PROGRAM...: a file system with these programs, the libraries they need, and nothing else.
rootfs() {
  local root=$work/$1
  shift
  mkdir -p "$root"/{bin,usr/bin,etc,tmp,app}
  chmod 1777 "$root/tmp"
  echo 'app:x:1000:1000::/app:/bin/false' >"$root/etc/passwd"
  echo 'app:x:1000:' >"$root/etc/group"
  echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
  for program in "$@"; do
    cp --dereference "$program" "$root/usr/bin/"
    ldd "$program" | grep -o '/[^ )]*' | while read -r library; do
      mkdir -p "$root$(dirname "$library")"
      cp --dereference "$library" "$root$library"
    done
  done
  # Names are looked up by libraries that no program names.
  for library in /lib/x86_64-linux-gnu/libnss_{dns,files}.so.2 /lib/x86_64-linux-gnu/libresolv.so.2; do
    [ -e "$library" ] && mkdir -p "$root$(dirname "$library")" && cp --dereference "$library" "$root$library"
  done
}

import() {
  tar -C "$work/$1" -c . | docker import --change "${3:-USER 0}" - "$2" >/dev/null
}

rootfs node "$(command -v node)"
import node lblab-test/node:local
rootfs prometheus "$(command -v prometheus)"
import prometheus lblab-test/prometheus:local 'ENTRYPOINT ["/usr/bin/prometheus"]'
rootfs alertmanager "$(command -v prometheus-alertmanager)"
# Debian's build reads its own templates from here at every start.
mkdir -p "$work/alertmanager/usr/share/prometheus"
cp -r /usr/share/prometheus/alertmanager "$work/alertmanager/usr/share/prometheus/"
import alertmanager lblab-test/alertmanager:local 'ENTRYPOINT ["/usr/bin/prometheus-alertmanager"]'

docker build --quiet --build-arg BASE_IMAGE=lblab-test/node:local --tag lblab-test/lab:local . >/dev/null

echo "LAB_IMAGE=lblab-test/lab:local"
echo "BASE_IMAGE=lblab-test/node:local"
echo "PROMETHEUS_IMAGE=lblab-test/prometheus:local"
echo "ALERTMANAGER_IMAGE=lblab-test/alertmanager:local"
