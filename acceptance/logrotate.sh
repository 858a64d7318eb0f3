#!/usr/bin/env bash
# logrotate's way: the access log is moved away, SIGHUP opens a new one, and no line is lost between them.
#
# Needs nginx and wrk. Under load the log is moved and SIGHUP sent ROTATIONS times (default 10): the lines of all files together
# are as many as the requests that Turnout counted, less those it says were dropped, and each is whole JSON.

# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
need nginx wrk

ROTATIONS=${ROTATIONS:-10}
build
read -r BACKEND <<<"$(free_ports 1)"
start_nginx backend "$BACKEND" blue
configure "\"127.0.0.1:$BACKEND\"" ''
mkdir -p "$WORK/logs"
echo "turnout { access-log { enabled = on, file = \"$WORK/logs/access.log\" } }" >>"$WORK/turnout.conf"
start_turnout

wrk -t1 -c8 -d$((ROTATIONS / 2 + 1))s "$PROXY/" >"$WORK/wrk.txt" 2>&1 &
wrk=$!
for ((i = 1; i <= ROTATIONS; i++)); do
    sleep 0.4
    mv "$WORK/logs/access.log" "$WORK/logs/access.log.$i"
    kill -HUP "$TURNOUT_PID"
    for ((j = 0; j < 100; j++)); do
        [ -e "$WORK/logs/access.log" ] && break
        sleep 0.05
    done
    [ -e "$WORK/logs/access.log" ] || fail "no new file after SIGHUP $i"
done
wait "$wrk"
sleep 1
scrape
counted=$(metric turnout_requests_total)
dropped=$(metric turnout_access_log_dropped_total)
end "$TURNOUT_PID"
lines=$(cat "$WORK"/logs/* | wc -l)
expect "lines of $((ROTATIONS + 1)) files and dropped ones" $((lines + dropped)) "$counted"
cat "$WORK"/logs/* | jq -e -n 'reduce inputs as $line (0; . + (if $line.status == 200 then 1 else 0 end))' >"$WORK/whole" ||
    fail "a line is not whole"
expect "whole lines" "$(cat "$WORK/whole")" "$lines"
say "$ROTATIONS rotations under load: $lines lines, $dropped dropped and counted, $counted requests"
