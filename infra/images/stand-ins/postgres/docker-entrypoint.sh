#!/bin/bash
set -euo pipefail
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" && chown -R pgserver:pgserver /var/lib/postgresql && chmod 700 "$PGDATA"
  exec setpriv --reuid pgserver --regid pgserver --init-groups "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  : "${POSTGRES_PASSWORD:?}"
  initdb -D "$PGDATA" -U postgres -A scram-sha-256 -E UTF8 --locale=C --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD")
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
fi
exec "$@" -k '' -c listen_addresses='*'
