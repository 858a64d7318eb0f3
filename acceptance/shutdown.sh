#!/usr/bin/env bash
# SIGTERM under load loses no request, and a second signal ends the process at once.
#
# Needs nginx and wrk. With timeouts.shutdown-delay of 2 s: /health/ready says 503 at once, new clients are still served for that
# time, every answer says Connection: close, then connections are refused and the exit code is 0. wrk with CLIENTS (default 20)
# keep-alive connections runs through it without a read error. Then a process with a request in flight gets two signals.

# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
need nginx wrk

CLIENTS=${CLIENTS:-20}
build
read -r BACKEND SILENT <<<"$(free_ports 2)"
start_nginx backend "$BACKEND" blue
configure "\"127.0.0.1:$BACKEND\"" ''
echo 'turnout { timeouts { shutdown-delay = 2s } }' >>"$WORK/turnout.conf"
start_turnout

wrk -t1 -c"$CLIENTS" -d4s "$PROXY/" >"$WORK/wrk.txt" 2>&1 &
wrk=$!
sleep 1
kill -TERM "$TURNOUT_PID"
told=$(now_ms)
until [ "$(curl -s -o "$WORK/ready" -w '%{http_code}' "$ADMIN/health/ready")" = 503 ]; do
    (($(now_ms) - told < 5000)) || fail "/health/ready does not say 503"
    sleep 0.01
done
say "/health/ready says 503 after $(($(now_ms) - told)) ms"
curl -fsS -D "$WORK/head" -o "$WORK/body" "$PROXY/" || fail "a new client is not served during the delay"
grep -qi '^connection: close' "$WORK/head" || fail "the answer does not say Connection: close"
code=0
wait "$TURNOUT_PID" || code=$?
expect "exit code" "$code" 0
say "ended after $(($(now_ms) - told)) ms with exit code 0"
wait "$wrk"
# What wrk tried to connect after the end is no lost request; a read error or another status would be.
lost=$(awk '/Non-2xx/ { n += $NF } /Socket errors/ { gsub(",", ""); n += $6 } END { print n + 0 }' "$WORK/wrk.txt")
expect "requests that wrk lost" "$lost" 0
say "wrk: $(wrk_requests "$WORK/wrk.txt") requests through the end, 0 lost"

python3 -c '
import socket, sys, time
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
held = []
while True: held.append(listener.accept())' "$SILENT" &
configure "\"127.0.0.1:$SILENT\"" ''
NEWEST_LOG=$WORK/second.log
start "$NEWEST_LOG" "$TURNOUT_CMD" run --config "$WORK/turnout.conf"
TURNOUT_PID=$STARTED
until curl -fsS -o "$WORK/ready" "$ADMIN/health/ready" 2>/dev/null; do sleep 0.05; done
curl -s -m 30 -o "$WORK/never" "$PROXY/" &
request=$!
until [ "$(status .pools.blue.inFlight)" = 1 ]; do sleep 0.05; done
kill -TERM "$TURNOUT_PID"
sleep 1
kill -0 "$TURNOUT_PID" || fail "the process did not wait for the request in flight"
told=$(now_ms)
kill -TERM "$TURNOUT_PID"
code=0
wait "$TURNOUT_PID" || code=$?
expect "exit code after a second signal" "$code" 143
(($(now_ms) - told < 3000)) || fail "a second signal took $(($(now_ms) - told)) ms"
say "a second signal ended it after $(($(now_ms) - told)) ms"
wait "$request" || true
