#!/usr/bin/env bash
# Hostile clients leave a normal client's latency and the proxy's memory as they were.
#
# Needs nginx and slowhttptest, and a limit of open files of IDLE and some in this shell and for the proxy (ulimit -n). A normal client
# asks 100 times a second, first alone, then while slowhttptest opens CONNECTIONS (default 1000) for SECONDS_EACH (12) in each of its four
# modes, while STALLED (4000) connections ask for a large file and take none of it, while IDLE (5000) connections say nothing, and while
# RESETS (2000) connections are reset in a row. Prints its median and 99th percentile as ratios to the first, and the resident memory;
# fails if a request of it failed, or on gross changes. What clients do not take may fill limits.direct-memory, and no more.

# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
need nginx slowhttptest

CONNECTIONS=${CONNECTIONS:-1000}
SECONDS_EACH=${SECONDS_EACH:-12}
IDLE=${IDLE:-5000}
STALLED=${STALLED:-4000}
RESETS=${RESETS:-2000}
ulimit -n "$(ulimit -Hn)"
if (($(ulimit -n) < 3 * IDLE + 500 && $(ulimit -n) < 15500)); then fail "ulimit -n is $(ulimit -n), which is too small"; fi
build

read -r BACKEND <<<"$(free_ports 1)"
# sndbuf: else the kernel takes in up to 4 MiB of the large file for each stalled connection, and this one worker is busy with that for
# seconds, whoever asks.
cat >"$WORK/backend.conf" <<CONF
worker_processes 1;
daemon off;
pid $WORK/backend.pid;
error_log $WORK/backend.log;
events { worker_connections 15000; }
http {
  access_log off;
  client_body_temp_path $WORK/b.1; proxy_temp_path $WORK/b.2; fastcgi_temp_path $WORK/b.3; uwsgi_temp_path $WORK/b.4; scgi_temp_path $WORK/b.5;
  server { listen 127.0.0.1:$BACKEND sndbuf=128k; root $WORK/www; location = / { return 200 "ok\n"; } }
}
CONF
mkdir -p "$WORK/www"
head -c 64000000 /dev/zero >"$WORK/www/big"
# Started by root, nginx reads files as somebody else.
chmod 755 "$WORK" "$WORK/www"
start "$WORK/backend.out" nginx -p "$WORK" -c "$WORK/backend.conf" -e "$WORK/backend.log"
await_answer "$BACKEND" "$STARTED"
configure "\"127.0.0.1:$BACKEND\"" ''
start_turnout
expect "size of the large file" "$(curl -s -o "$WORK/big" -w '%{size_download}' "$PROXY/big")" 64000000

hostile() { python3 "$REPO/acceptance/hostile.py" "$@"; }
rss_mib() { awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$TURNOUT_PID/status"; }
figure() { jq -r ".$2" "$WORK/$1.json"; }

hostile normal "$PORT" "$SECONDS_EACH" >"$WORK/warm.json"
hostile normal "$PORT" "$((SECONDS_EACH / 2 + 1))" >"$WORK/alone.json"
BASE=$(rss_mib)
say "alone: median $(figure alone median_us) us, p99 $(figure alone p99_us) us, resident $BASE MiB"

# Waits until under 4 MB in 0.2 s go over loopback, for 30 s at most: what stalled clients asked for has filled all buffers by then.
await_calm() {
    local before now i
    before=$(loopback_bytes)
    for ((i = 0; i < 150; i++)); do
        sleep 0.2
        now=$(loopback_bytes)
        ((now - before >= 4000000)) || return 0
        before=$now
    done
}
loopback_bytes() { awk '$1 == "lo:" { print $2 }' /proc/net/dev; }

# beside NAME COMMAND...: the normal client while the command runs; stalled clients once all they asked for has come to rest.
beside() {
    local name=$1 pid median p99 rss
    shift
    "$@" >"$WORK/$name.out" 2>&1 &
    pid=$!
    sleep 1
    [ "$name" != stalled ] || await_calm
    hostile normal "$PORT" "$SECONDS_EACH" >"$WORK/$name.json"
    rss=$(rss_mib)
    if [ "$name" = stalled ]; then
        kill -0 "$pid" || fail "the stalled clients ended before the normal one"
        end "$pid"
    fi
    wait "$pid" || true
    median=$(jq -n "$(figure "$name" median_us) / $(figure alone median_us) * 100 | round / 100")
    p99=$(jq -n "$(figure "$name" p99_us) / $(figure alone p99_us) * 100 | round / 100")
    say "$name: median x$median, p99 x$p99 of alone, $(figure "$name" errors) of $(figure "$name" requests) failed, resident $rss MiB"
    expect "requests of the normal client that failed beside $name" "$(figure "$name" errors)" 0
    jq -ne "$median < 10" >"$WORK/judged" || fail "median of the normal client beside $name is x$median"
    ((rss < BASE + 256)) || fail "resident memory beside $name is $rss MiB, $BASE MiB when alone"
}

slow() { slowhttptest -c "$CONNECTIONS" -r "$CONNECTIONS" -l "$((SECONDS_EACH + 1))" -p 3 "$@"; }
beside slow-heads slow -H -i 1 -t GET -u "http://127.0.0.1:$PORT/"
beside slow-bodies slow -B -i 1 -s 65536 -t POST -u "http://127.0.0.1:$PORT/"
beside ranges slow -R -t HEAD -a 5 -b 3000 -u "http://127.0.0.1:$PORT/big"
beside slow-reads slow -X -w 10 -y 20 -n 1 -z 5 -k 3 -u "http://127.0.0.1:$PORT/big"
beside stalled python3 "$REPO/acceptance/hostile.py" stall "$PORT" "$STALLED" "$((SECONDS_EACH + 60))"
beside idle hostile idle "$PORT" "$IDLE" "$((SECONDS_EACH + 1))"
beside resets hostile resets "$PORT" "$RESETS"

sleep 2
for ((i = 0; i < 100; i++)); do
    scrape
    [ "$(metric turnout_connections 'side="client"')" -le 1 ] && break
    sleep 0.2
done
expect_close "client connections left" "$(metric turnout_connections 'side="client"')" 0 1
hostile normal "$PORT" "$((SECONDS_EACH / 2 + 1))" >"$WORK/after.json"
say "after: median $(figure after median_us) us, p99 $(figure after p99_us) us, resident $(rss_mib) MiB"
curl -fsS "$ADMIN/metrics" | grep '^turnout_proxy_errors_total' | grep -v ' 0.0$' | sed 's/^/  /' || true
