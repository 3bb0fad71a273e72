#!/bin/bash
set -euo pipefail
if [ "$1" = haproxy ]; then
  shift
  exec haproxy -W -db "$@"
fi
exec "$@"
