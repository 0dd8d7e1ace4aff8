#!/usr/bin/env bash
# newer-docker.sh DIR: Docker's engine and Compose 2 out of Debian's next release, unpacked into DIR and not installed. They are
# fetched by apt from wherever this machine has its packages from. Prints the environment in which `docker`, `dockerd` and
# `docker compose` are those. All but runc run with this release's C library; runc gets the next one's.
set -euo pipefail

dir=$(mkdir -p "$1" && cd "$1" && pwd)
suite=trixie
mirror=$(apt-get indextargets --format '$(REPO_URI) $(COMPONENT)' 'Created-By: Packages' | awk '$2 == "main" { print $1; exit }')
mkdir -p "$dir"/{sources,lists/partial,debs,root,libraries,bin,config/cli-plugins}
cat >"$dir/sources/next.sources" <<SOURCES
Types: deb
URIs: $mirror
Suites: $suite
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
next=(-q -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$dir/sources" -o "Dir::State::Lists=$dir/lists")

fetch() {
  local into=$1
  shift
  (cd "$dir/debs" && rm -f -- *.deb && apt-get "$@" >"$dir/apt.log" 2>&1 || { tail -5 "$dir/apt.log" >&2 && false; })
  for package in "$dir"/debs/*.deb; do dpkg -x "$package" "$dir/$into"; done
}
apt-get "${next[@]}" update >"$dir/apt.log" 2>&1 || { tail -5 "$dir/apt.log" >&2 && false; }
fetch root "${next[@]}" download docker.io docker-cli docker-compose containerd runc
fetch libraries "${next[@]}" download libc6 libseccomp2
fetch root -q download patchelf

ln -sf "$dir"/root/usr/bin/{docker,containerd,containerd-shim-runc-v2,ctr} "$dir"/root/usr/sbin/{dockerd,docker-proxy} "$dir/bin/"
ln -sf "$dir/root/usr/libexec/docker/cli-plugins/docker-compose" "$dir/config/cli-plugins/docker-compose"
libraries=$dir/libraries/usr/lib/x86_64-linux-gnu
cp "$dir/root/usr/sbin/runc" "$dir/bin/runc"
"$dir/root/usr/bin/patchelf" --set-interpreter "$libraries/ld-linux-x86-64.so.2" --set-rpath "$libraries" "$dir/bin/runc"

echo "PATH=$dir/bin:$PATH"
echo "DOCKER_CONFIG=$dir/config"
