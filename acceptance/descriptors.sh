#!/usr/bin/env bash
# Running out of file descriptors neither stops accepting for good nor makes the proxy spin.
#
# Needs nginx. With each transport Turnout runs under ulimit -n FILES (default 256) while connections are opened beyond that for
# FLOOD seconds (default 5) and held: the log names the limit at the start, the admin port still answers, the CPU time of the
# process stays small against the time of the flood, and afterwards a normal client is served.

# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
need nginx

FILES=${FILES:-256}
FLOOD=${FLOOD:-5}
build
read -r BACKEND <<<"$(free_ports 1)"
start_nginx backend "$BACKEND" blue

# Ticks of the CPU (100 a second) that the proxy has used.
ticks() { awk '{ print $14 + $15 }' "/proc/$TURNOUT_PID/stat"; }

for transport in io_uring epoll nio; do
    configure "\"127.0.0.1:$BACKEND\"" ''
    echo "turnout { transport = $transport }" >>"$WORK/turnout.conf"
    NEWEST_LOG=$WORK/turnout-$transport.log
    start "$NEWEST_LOG" bash -c "ulimit -n $FILES && exec \"\$@\"" limited "$TURNOUT_CMD" run --config "$WORK/turnout.conf"
    TURNOUT_PID=$STARTED
    await_answer "$PORT" "$TURNOUT_PID"
    grep -q "may have only $FILES open files" "$NEWEST_LOG" || fail "the log does not name the limit"

    before=$(ticks)
    python3 "$REPO/acceptance/hostile.py" flood "$PORT" "$FLOOD" >"$WORK/flood.json" &
    flood=$!
    sleep $((FLOOD - 1))
    used=$(($(ticks) - before))
    curl -fsS -m 5 -o "$WORK/status.json" "$ADMIN/admin/status" || fail "the admin port does not answer during the flood"
    files=$(find "/proc/$TURNOUT_PID/fd" -mindepth 1 2>/dev/null | wc -l)
    wait "$flood"
    percent=$((used / (FLOOD - 1)))
    for ((i = 0; i < 100; i++)); do
        answers "$PORT" && break
        sleep 0.1
    done
    answers "$PORT" || fail "with $transport no client is served after the flood"
    say "$transport: $files of $FILES descriptors in the flood, $percent % of one CPU, $(jq -r .held "$WORK/flood.json") connections held by the client; served afterwards"
    ((percent < 75)) || fail "with $transport the proxy was busy during the flood"
    end "$TURNOUT_PID"
done
