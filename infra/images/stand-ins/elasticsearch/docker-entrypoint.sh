#!/bin/bash
set -euo pipefail
options=()
while IFS='=' read -r name value; do
  [[ "$name" =~ ^[a-z0-9_]+\.[a-z0-9._]+$ ]] && options+=("-E$name=$value")
done < <(env)
exec bin/elasticsearch "${options[@]}"
