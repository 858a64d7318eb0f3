#!/usr/bin/env bash
# Real WebSockets (npm ws on both sides) through Turnout: what one does both ways, and SOCKETS of them through SWITCHES switches.
#
# Needs node and npm, which fetches ws into a temporary folder. SOCKETS (default 1000) are opened on blue; after each of SWITCHES
# (default 50) switches every one must send and receive, and none may have been cut. A drain then waits for them, and one with
# onDeadline close ends them.

# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
need node npm

SOCKETS=${SOCKETS:-1000}
SWITCHES=${SWITCHES:-50}
build
mkdir -p "$WORK/ws"
cp "$REPO/acceptance/websockets.js" "$WORK/ws/"
(cd "$WORK/ws" && npm install --no-audit --no-fund --silent ws@8 >"$WORK/npm.log" 2>&1) || fail "npm could not fetch ws"

read -r BLUE GREEN <<<"$(free_ports 2)"
configure "\"127.0.0.1:$BLUE\"" "\"127.0.0.1:$GREEN\""
for each in "$BLUE blue" "$GREEN green"; do
    read -r port colour <<<"$each"
    start "$WORK/$colour.log" node "$WORK/ws/websockets.js" serve "$port" "$colour"
    until grep -q listening "$WORK/$colour.log"; do sleep 0.05; done
done
NEWEST_LOG=$WORK/turnout.log
start "$NEWEST_LOG" "$TURNOUT_CMD" run --config "$WORK/turnout.conf"
TURNOUT_PID=$STARTED
for ((i = 0; i < 600; i++)); do
    curl -fsS -o "$WORK/ready" "$ADMIN/health/ready" 2>/dev/null && break
    sleep 0.1
done

say "one WebSocket"
timeout 60 node "$WORK/ws/websockets.js" basics "ws://127.0.0.1:$PORT" || fail "basics"

coproc HOLD { exec node "$WORK/ws/websockets.js" hold "ws://127.0.0.1:$PORT" "$SOCKETS" 2>&1; }
read -r -t 120 line <&"${HOLD[0]}"
expect "WebSockets" "$line" "open $SOCKETS"
expect "tunnels in status" "$(status .pools.blue.tunnels)" "$SOCKETS"

started=$(now_ms)
for ((i = 1; i <= SWITCHES; i++)); do
    to=$([ $((i % 2)) = 1 ] && echo green || echo blue)
    post /admin/switch "{\"to\":\"$to\"}" >"$WORK/switched"
    echo round >&"${HOLD[1]}"
    read -r -t 60 line <&"${HOLD[0]}" || fail "no answer in round $i"
    expect "after switch $i to $to" "$line" "round $i wrong 0 cut 0 on blue"
done
say "$SOCKETS WebSockets through $SWITCHES switches in $(($(now_ms) - started)) ms: $((SOCKETS * SWITCHES)) messages, 0 wrong, 0 cut"

post /admin/switch '{"to":"green"}' >"$WORK/switched"
expect "drain of blue" "$(status .pools.blue.drain.state)" draining
expect "tunnels in status" "$(status .pools.blue.tunnels)" "$SOCKETS"
post /admin/pools/blue/drain '{"deadline":"1s","onDeadline":"close"}' >"$WORK/drain"
echo wait >&"${HOLD[1]}"
read -r -t 60 line <&"${HOLD[0]}"
expect "after the deadline" "$line" "cut $SOCKETS"
for ((i = 0; i < 100; i++)); do
    [ "$(status .pools.blue.drain.state)" = drained ] && break
    sleep 0.1
done
expect "drain of blue" "$(status .pools.blue.drain.state)" drained
say "the drain waited for them, and its deadline ended them"
