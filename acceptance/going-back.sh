#!/usr/bin/env bash
# Shows that a rollback brings users the version they had, whatever was ordered before it and however often it is sent: twice; behind
# a canary that was aborted; amid a switch under a hold that somebody meddles with; after kill -9 amid such a switch; and with
# another version in the old pool, where it asks first. wrk runs throughout: no request of users fails.
#
# Needs: nginx, wrk. Settings: CONNECTIONS=16.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
need nginx wrk

read -r blue green silent <<<"$(free_ports 3)"
start_nginx blue "$blue" blue
start_nginx green "$green" green
# The webhook of a migration that never ends.
start "$WORK/silent.log" python3 "$REPO/acceptance/faulty_backend.py" "$silent" silent
configure "\"127.0.0.1:$blue\"" "\"127.0.0.1:$green\""
build
start_turnout

colour() { curl -fsS "$PROXY/"; }
# code_of PATH [JSON]: the status of a command; its body is in $WORK/answer.
code_of() { curl -sS -o "$WORK/answer" -w '%{http_code}' -X POST -H 'Content-Type: application/json' -d "${2:-}" "$ADMIN$1"; }
type_of() { jq -r '.type | split("/") | last' "$WORK/answer"; }
refused() {
    expect "$1: status" "$(code_of "$2" "${3:-}")" 409
    expect "$1: type" "$(type_of)" "$4"
}
load() { wrk -t1 -c"${CONNECTIONS:-16}" -d3600s "$PROXY/" >"$WORK/wrk.out" 2>&1 & wrk=$!; }
unload() {
    kill -INT "$wrk"
    wait "$wrk" || true
    expect "failed requests of users" "$(wrk_failures "$WORK/wrk.out")" 0
    say "$(wrk_requests "$WORK/wrk.out") requests of users, 0 failed"
}
held_switch() {
    curl -sS -o "$WORK/held" -w '%{http_code}' -X POST -H 'Content-Type: application/json' \
        -d "{\"to\":\"green\",\"hold\":{\"timeout\":\"60s\",\"webhook\":\"http://127.0.0.1:$silent/migrate\"}}" \
        "$ADMIN/admin/switch" >"$WORK/held.code" 2>"$WORK/held.err" &
    held=$!
    local i
    for ((i = 0; i < 300; i++)); do
        [ "$(status .hold.switchTo)" != green ] || return 0
        sleep 0.02
    done
    fail "the switch does not hold"
}

load
say "twice"
post /admin/switch '{"to":"green"}' >/dev/null
expect "colour" "$(colour)" green
expect "rollback to" "$(post /admin/rollback | jq -r .to)" blue
refused "a second rollback" /admin/rollback '{"force":true}' already-rolled-back
expect "colour" "$(colour)" blue
expect "state of a rollback" "$(status .rollback.state)" DONE

say "behind a canary that was aborted: the colour from before is the one it ran on"
post /admin/canary '{"weight":50}' >/dev/null
post /admin/canary/abort >/dev/null
refused "a rollback behind the abort" /admin/rollback '' already-rolled-back
expect "colour" "$(colour)" blue
unload

say "amid a switch under a hold"
held_switch
refused "another switch" /admin/switch '{"to":"green"}' release-in-progress
refused "a canary" /admin/canary '{"weight":1}' release-in-progress
curl -fsS -m 30 "$PROXY/" >"$WORK/waits" &
waits=$!
for ((i = 0; i < 300; i++)); do
    [ "$(status .hold.waiting)" != 1 ] || break
    sleep 0.02
done
expect "rollback" "$(post /admin/rollback | jq -c '[.changed, .from, .to]')" '[true,"blue","blue"]'
wait "$waits" || fail "who waited got no answer"
expect "who waited is served by" "$(cat "$WORK/waits")" blue
wait "$held"
expect "answer to the switch" "$(cat "$WORK/held.code")" 409
expect "colour" "$(colour)" blue

say "kill -9 amid a switch under a hold: nobody waits for what nobody does"
held_switch
kill -KILL "$TURNOUT_PID"
wait "$TURNOUT_PID" 2>/dev/null || true
wait "$held" || true
start_turnout
expect "colour" "$(curl -fsS -m 10 "$PROXY/")" blue
expect "hold" "$(status .hold)" null
expect "what ended it" "$(curl -fsS "$ADMIN/admin/history?limit=1" | jq -r '.[0].action')" hold-expired

say "with another version in the old pool"
load
post /admin/switch '{"to":"green"}' >/dev/null
curl -fsS -X PUT -H 'Content-Type: application/json' -d "{\"version\":\"3.0\",\"backends\":[{\"address\":\"127.0.0.1:$blue\"}]}" \
    "$ADMIN/admin/pools/blue" >/dev/null
expect "state of a rollback" "$(status .rollback.state)" STALE
refused "a rollback" /admin/rollback '' rollback-target-changed
say "$(jq -r .detail "$WORK/answer")"
expect "colour" "$(colour)" green
expect "forced" "$(post /admin/rollback '{"force":true}' | jq -r .to)" blue
unload

say "a gate that asks for the weight that carries the traffic"
curl -fsS -X PATCH -H 'Content-Type: application/json' -d '{"weight":3}' "$ADMIN/admin/pools/blue/backends/127.0.0.1:$blue" >/dev/null
refused "a switch to a third of it" /admin/switch '{"to":"green","gate":{"minCapacity":100}}' gate-failed
say "$(jq -r .detail "$WORK/answer")"
say "passed"
