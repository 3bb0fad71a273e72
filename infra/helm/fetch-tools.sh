#!/bin/sh
# Builds helm, kubeconform and actionlint from their sources, by Go's own proxy, into .cache/tools, and fetches the schemas that
# kubeconform checks by. With them the tests of the chart and of the workflows skip nothing. Needs Go and Python with PyYAML.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
tools="$root/.cache/tools"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$tools"
export CGO_ENABLED=0 GOFLAGS=-mod=mod

# In a module of its own each: their dependencies need not agree.
build() {
  [ -x "$tools/$1" ] && return
  echo "Building $1 …"
  mkdir "$work/$1" && cd "$work/$1"
  go mod init "tools/$1" > /dev/null 2>&1
  go get "$2@$3"
  go build -o "$tools/$1" "$2"
}

build kubeconform github.com/yannh/kubeconform/cmd/kubeconform v0.8.0
build actionlint github.com/rhysd/actionlint/cmd/actionlint v1.7.12
build helm helm.sh/helm/v3/cmd/helm v3.22.0
[ -d "$tools/kubernetes-schemas" ] || "$root/infra/helm/fetch-schemas.sh"
