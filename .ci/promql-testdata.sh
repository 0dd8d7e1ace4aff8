#!/usr/bin/env bash
# Gets Prometheus' own PromQL suites out of Debian's source package, into the folder given, and prints the folder that
# PROMQL_TESTDATA has to name. The machine's own package sources and lists stay as they are.
set -euo pipefail
work=$(realpath -m "${1:?usage: promql-testdata.sh FOLDER}")
mkdir -p "$work/lists/partial" "$work/sources.d" "$work/source"
# Where Debian's packages come from, asked for their sources.
sed -s 's/^Types:.*/Types: deb-src/' $(grep -l debian-archive-keyring /etc/apt/sources.list.d/*.sources /dev/null) \
  >"$work/sources.d/debian.sources"
[ ! -f /etc/apt/sources.list ] || sed -n 's/^deb /deb-src /p' /etc/apt/sources.list >"$work/sources.d/debian.list"
options=(-q -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$work/sources.d" -o "Dir::State::Lists=$work/lists")
{
  apt-get "${options[@]}" update
  cd "$work/source"
  apt-get "${options[@]}" source --download-only prometheus
  tar xf prometheus_*.orig.tar.* --wildcards '*/promql/*testdata/*' '*/VERSION'
} >&2
dirname "$(find "$work/source" -path '*promql*testdata/operators.test')"
