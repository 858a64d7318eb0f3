#!/usr/bin/env bash
# Shows: from exec to the first 200 through the proxy in well under 1.5 s, on each JDK. The first start on a JDK may
# write a class archive and is not counted. The time holds the first round of health checks too.
#
# Needs: nginx. Settings: RUNS=7, MAX_MS=1500 (for the median), JDKS (homes; default: those of 17 and 25 under
# /usr/lib/jvm, else JAVA_HOME or the java on the PATH).
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
need nginx

found_jdks() {
    local home
    for home in /usr/lib/jvm/*; do
        [ -L "$home" ] || ! [ -x "$home/bin/java" ] || ! grep -qE '^JAVA_VERSION="(17|25)' "$home/release" || echo "$home"
    done
}

runs=${RUNS:-7}
jdks=${JDKS:-$(found_jdks)}
jdks=${jdks:-${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")}}

read -r blue green <<<"$(free_ports 2)"
start_nginx blue-1 "$blue" blue
start_nginx green-1 "$green" green
configure "\"127.0.0.1:$blue\"" "\"127.0.0.1:$green\""
build
for JAVA_HOME in $jdks; do
    export JAVA_HOME
    start_turnout
    end "$TURNOUT_PID"
    times=()
    for ((run = 0; run < runs; run++)); do
        began=$(now_ms)
        start_turnout
        times+=($(($(now_ms) - began)))
        end "$TURNOUT_PID"
    done
    mapfile -t sorted < <(printf '%s\n' "${times[@]}" | sort -n)
    median=${sorted[runs / 2]}
    say "$JAVA_HOME: median $median ms of $runs starts (${sorted[0]}..${sorted[-1]})"
    ((median <= ${MAX_MS:-1500})) || fail "more than ${MAX_MS:-1500} ms"
done
say "passed"
