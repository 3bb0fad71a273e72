#!/bin/bash
# Health of the service in this container. One that runs and has nothing to serve (idle) is well: its version is not live.
exec 3<> "/dev/tcp/127.0.0.1/${REPRISE_PORT:-8080}" || exit 1
printf 'GET /health/ready HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
grep --quiet --extended-regexp '"status":"(ready|idle)"' <&3
