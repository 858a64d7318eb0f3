#!/usr/bin/env bash
# Shows: ./turnout demo answers, and the walk of the README works step by step: look, switch, break green, roll back,
# drain, undrain, history; and SIGTERM ends it with 0.
#
# Needs: nothing further.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
need curl

read -r PORT ADMIN_PORT <<<"$(free_ports 2)"
PROXY=http://127.0.0.1:$PORT
ADMIN=http://127.0.0.1:$ADMIN_PORT
build
NEWEST_LOG=$WORK/demo.log
cd "$WORK" # whatever the demo writes goes here
start "$NEWEST_LOG" "$TURNOUT_CMD" demo --port "$PORT" --admin-port "$ADMIN_PORT"
demo=$STARTED
await_answer "$PORT" "$demo"

colour() { curl -fsS -o /dev/null -w '%header{x-demo-colour}' "$PROXY/"; }
code() { curl -sS -o /dev/null -w '%{http_code}' "$@"; }

say "look"
expect "colour that answers" "$(colour)" blue
curl -fsS "$PROXY/some/path?q=1" | grep -q '/some/path' || fail "the demo does not echo the request"
expect "active" "$(status .active)" blue
expect "healthy backends" "$(status '.pools.blue.healthy + .pools.green.healthy')" 4
expect "the page of the admin side" "$(code "$ADMIN/")" 200
expect "ready" "$(code "$ADMIN/health/ready")" 200

say "switch to green"
post /admin/switch >"$WORK/switch.json"
expect "the switch's answer" "$(jq -c '[.changed, .from, .to]' "$WORK/switch.json")" '[true,"blue","green"]'
expect "colour after the switch" "$(colour)" green
expect "a second toggle within the guard" "$(code -X POST "$ADMIN/admin/switch")" 409
expect "to green once more" "$(post /admin/switch '{"to":"green"}' | jq .changed)" false

say "break green, roll back"
expect "telling green to fail" "$(code -X POST "$PROXY/demo/green/errors?rate=1")" 200
expect "a request to broken green" "$(code "$PROXY/")" 500
expect "the rollback's answer" "$(post /admin/rollback | jq -r .to)" blue
expect "a request after the rollback" "$(code "$PROXY/")" 200
expect "colour after the rollback" "$(colour)" blue
expect "telling green to behave" "$(code -X POST "$PROXY/demo/green/reset")" 200

say "drain green, and take it back"
expect "draining blue, which has the traffic" "$(code -X POST "$ADMIN/admin/pools/blue/drain")" 409
expect "the drain's answer" "$(post /admin/pools/green/drain '{"deadline":"1m","wait":true}' | jq .drained)" true
expect "green drained" "$(status .pools.green.drained)" true
post /admin/pools/green/undrain >/dev/null
expect "order on green" "$(status .pools.green.drain)" null

say "a canary that breaks goes back by itself"
post /admin/canary '{"steps":[{"weight":50,"for":"1h"}]}' >/dev/null
expect "telling green to fail" "$(code -X POST "$PROXY/demo/green/errors?rate=1")" 200
for ((i = 0; i < 200; i++)); do
    expect "an answer to a user" "$(code "$PROXY/")" 200
    if [ "$(curl -fsS "$ADMIN/admin/canary" | jq .canary)" = null ]; then break; fi
done
expect "how it ended" "$(curl -fsS "$ADMIN/admin/canary" | jq -r '.last.end | split(":")[0]')" auto-rollback

say "history"
expect "actions" "$(curl -fsS "$ADMIN/admin/history" | jq -c '[.[] | select(.result == "made").action]')" '["auto-rollback","canary-start","undrain","drain","rollback","switch"]'
expect "refused" "$(curl -fsS "$ADMIN/admin/history" | jq -c '[.[] | select(.result != "made") | [.action, .result]]')" '[["drain","refused: pool-is-active"],["switch","refused: recently-switched"]]'

say "end"
kill -TERM "$demo"
code=0
wait "$demo" || code=$?
expect "exit code after SIGTERM" "$code" 0
say "passed"
