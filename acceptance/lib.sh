# Common to the scripts beside it, which source it. Needs bash 5, curl 7.84, jq and python3; each script names what else.
#
#   TURNOUT_CMD   the launcher under test (default: ./turnout of this source tree, which builds itself)
#   KEEP=1        leaves the folder with configurations and logs behind
#
# Everything listens on free ports of 127.0.0.1 and lives in one temporary folder. At the end, whatever the reason, the
# processes that were started here and still run are ended by pid.
# shellcheck shell=bash disable=SC2034 # what is set here is used there

set -euo pipefail

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
TURNOUT_CMD=$(realpath "${TURNOUT_CMD:-$REPO/turnout}")
WORK=$(mktemp -d "${TMPDIR:-/tmp}/turnout-acceptance.XXXXXX")
NEWEST_LOG=

trap finish EXIT
# A proxy that was just killed, or is just starting, may close a connection that is being written to.
trap '' PIPE
trap 'exit 130' INT
trap 'exit 143' TERM

finish() {
    local code=$? pid
    trap - EXIT
    if ((code != 0)) && [ -n "$NEWEST_LOG" ]; then
        echo "--- last lines of $NEWEST_LOG" >&2
        tail -n 30 "$NEWEST_LOG" >&2
    fi
    for pid in $(jobs -pr); do end "$pid"; done
    if [ -n "${KEEP:-}" ]; then echo "kept: $WORK"; else rm -rf "$WORK"; fi
    exit "$code"
}

say() { echo "$(basename "$0"): $*"; }

fail() {
    echo "$(basename "$0"): FAILED: $*" >&2
    exit 1
}

need() {
    local program
    for program in curl jq python3 "$@"; do
        command -v "$program" >/dev/null || fail "$program is needed and not installed"
    done
}

# expect WHAT ACTUAL EXPECTED
expect() { [ "$2" = "$3" ] || fail "$1: $2 (expected: $3)"; }

# expect_close WHAT ACTUAL EXPECTED TOLERANCE
expect_close() {
    local off=$(($2 - $3))
    ((${off#-} <= $4)) || fail "$1: $2 (expected: $3, give or take $4)"
}

# Prints so many free ports; all are held until the last is found, so that they differ.
free_ports() {
    python3 -c '
import socket, sys
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*(s.getsockname()[1] for s in held))' "$1"
}

now_ms() { echo $((${EPOCHREALTIME/./} / 1000)); }

# Ends one process of ours: TERM, and KILL if it has not gone in 10 s.
end() {
    local pid=$1 i
    kill "$pid" 2>/dev/null || true
    for ((i = 0; i < 200; i++)); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.05
    done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
}

# start LOG COMMAND...: in the background; sets STARTED to its pid.
start() {
    local log=$1
    shift
    "$@" >>"$log" 2>&1 &
    STARTED=$!
}

# True if a GET of / there is answered with 200. No process is started, so that polling costs next to nothing.
answers() {
    local line
    { exec 9<>"/dev/tcp/${2:-127.0.0.1}/$1"; } 2>/dev/null || return 1
    { printf 'GET / HTTP/1.1\r\nHost: acceptance\r\nConnection: close\r\n\r\n' >&9; } 2>/dev/null || true
    read -r -t 5 line <&9 2>/dev/null || line=
    exec 9>&-
    [[ $line == "HTTP/1.1 200"* ]]
}

# await_answer PORT PID [HOST]: until the port answers; fails if the process ends first, or after 60 s.
await_answer() {
    local deadline=$(($(now_ms) + 60000))
    until answers "$1" "${3:-127.0.0.1}"; do
        kill -0 "$2" 2>/dev/null || fail "process $2 ended before port $1 answered"
        (($(now_ms) < deadline)) || fail "port $1 did not answer within 60 s"
        sleep 0.005
    done
}

# start_nginx NAME PORT COLOUR [HOST]: one real nginx that answers its colour; /requests on the same port counts them.
start_nginx() {
    local name=$1 port=$2 colour=$3 host=${4:-127.0.0.1}
    cat >"$WORK/$name.conf" <<EOF
worker_processes 1;
daemon off;
pid $WORK/$name.pid;
error_log $WORK/$name.log;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path $WORK/$name.1; proxy_temp_path $WORK/$name.2; fastcgi_temp_path $WORK/$name.3;
  uwsgi_temp_path $WORK/$name.4; scgi_temp_path $WORK/$name.5;
  server {
    listen $host:$port;
    location / { add_header X-Colour $colour; add_header X-Backend $name; return 200 "$colour\n"; }
    location = /requests { stub_status; }
  }
}
EOF
    start "$WORK/$name.out" nginx -p "$WORK" -c "$WORK/$name.conf" -e "$WORK/$name.log"
    await_answer "$port" "$STARTED" "$host"
}

# nginx_requests PORT [HOST]: requests one nginx has had so far, this question among them.
nginx_requests() { curl -fsS "http://${2:-127.0.0.1}:$1/requests" | awk 'NR == 3 { print $3 }'; }

# configure BLUE GREEN: sets PORT, ADMIN_PORT, PROXY, ADMIN and writes turnout.conf; the pools are lists of "host:port", .
configure() {
    read -r PORT ADMIN_PORT <<<"$(free_ports 2)"
    PROXY=http://127.0.0.1:$PORT
    ADMIN=http://127.0.0.1:$ADMIN_PORT
    cat >"$WORK/turnout.conf" <<EOF
turnout {
  listeners = [ { bind = "127.0.0.1:$PORT" } ]
  admin { bind = "127.0.0.1:$ADMIN_PORT" }
  state { file = "$WORK/state/turnout-state.json" }
  pools {
    blue { version = "1.0", backends = [ $1 ] }
    green { version = "2.0", backends = [ $2 ] }
  }
  health { kind = tcp, interval = 1s, timeout = 1s, rise = 1, fall = 3 }
}
EOF
    mkdir -p "$WORK/state"
}

# Lets the launcher build what it must, so that no script takes the build for a slow start.
build() { "$TURNOUT_CMD" help >"$WORK/build.log" 2>&1 || { NEWEST_LOG=$WORK/build.log && fail "no build"; }; }

# Starts Turnout on turnout.conf; sets TURNOUT_PID. The launcher becomes the JVM, so the pid is the proxy's.
start_turnout() {
    NEWEST_LOG=$WORK/turnout.log
    # Under nohup SIGHUP would be ignored, here and in all that is started from here.
    start "$NEWEST_LOG" env --default-signal=HUP "$TURNOUT_CMD" run --config "$WORK/turnout.conf"
    TURNOUT_PID=$STARTED
    await_answer "$PORT" "$TURNOUT_PID"
    # Operators are served a moment after clients are.
    local i
    for ((i = 0; i < 1000; i++)); do
        { exec 9<>"/dev/tcp/127.0.0.1/$ADMIN_PORT"; } 2>/dev/null && break
        sleep 0.01
    done
    exec 9>&-
}

# status FILTER: a value out of /admin/status.
status() { curl -fsS "$ADMIN/admin/status" | jq -r "$1"; }

# post PATH JSON: an admin command; prints the answer's body, fails unless it is a success.
post() { curl -sS --fail-with-body -X POST -H 'Content-Type: application/json' -d "${2:-}" "$ADMIN$1"; }

scrape() { curl -fsS "$ADMIN/metrics" >"$WORK/metrics.txt"; }

# metric NAME [LABEL="VALUE"...]: sum over the series of the last scrape that carry all these labels.
metric() {
    awk -v name="$1" -v labels="${*:2}" '
        BEGIN { n = split(labels, wanted, " ") }
        {
            series = $1; sub(/\{.*/, "", series)
            if (series != name) next
            for (i = 1; i <= n; i++) if (!index($0, wanted[i])) next
            sum += $NF
        }
        END { printf "%.0f\n", sum }' "$WORK/metrics.txt"
}

# wrk_requests FILE, wrk_failures FILE: out of what wrk printed; failures are non-2xx answers and socket errors.
wrk_requests() { awk '/requests in/ { n = $1 } END { print n + 0 }' "$1"; }

wrk_failures() {
    awk '/Non-2xx/ { n += $NF } /Socket errors/ { gsub(",", ""); n += $4 + $6 + $8 + $10 } END { print n + 0 }' "$1"
}
