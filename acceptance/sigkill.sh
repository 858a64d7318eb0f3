#!/usr/bin/env bash
# Shows: SIGKILL at any moment of a switch leaves a state that starts. Each round switches in a tight loop, kills the
# proxy at a random moment, starts it again on the same state file, and asks: is the active colour the last one
# acknowledged, or the one in flight? Is the revision not below the last acknowledged? Does traffic reach that colour?
# Is the history without a gap?
#
# Needs: nginx. Settings: ROUNDS=200, SEED (printed; repeats the moments of the kills).
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
need nginx

rounds=${ROUNDS:-200}
seed=${SEED:-$((RANDOM * 32768 + RANDOM))}
RANDOM=$seed
say "seed $seed"

read -r blue green <<<"$(free_ports 2)"
start_nginx blue-1 "$blue" blue
start_nginx green-1 "$green" green
configure "\"127.0.0.1:$blue\"" "\"127.0.0.1:$green\""
build

# Switches to and fro until the proxy is gone. The last lines of the journal say what was tried and what was promised.
switch_until_killed() {
    local to=$1 reply
    while true; do
        echo "tried $to" >>"$WORK/journal"
        reply=$(post /admin/switch "{\"to\":\"$to\"}" 2>/dev/null) || break
        [[ $reply =~ \"revision\"\ *:\ *([0-9]+) ]] || fail "no revision in: $reply"
        echo "promised $to ${BASH_REMATCH[1]}" >>"$WORK/journal"
        [ "$to" = blue ] && to=green || to=blue
    done
}

# The API shows the newest 200 changes, newest first: none may be missing, and each starts from where the one before led.
check_history() {
    curl -fsS "$ADMIN/admin/history?limit=200" >"$WORK/history.json"
    jq -e --argjson first "$first_revision" --argjson revision "$1" --arg active "$2" '
        length == ([$revision - $first, 200] | min)
            and (length == 0 or (.[0].revision == $revision and .[0].to == $active))
            and ([range(1; length) as $i | .[$i - 1].revision - .[$i].revision] | all(. == 1))
            and ([range(1; length) as $i | .[$i - 1].from == .[$i].to] | all)' "$WORK/history.json" >/dev/null ||
        fail "history of revision $1 ($2): $(jq length "$WORK/history.json") changes, $(jq -c '.[:5]' "$WORK/history.json")"
}

promised_colour=
promised_revision=-1
tried=blue
switches=0
in_flight_kept=0
for ((round = 0; round <= rounds; round++)); do
    start_turnout
    curl -fsS "$ADMIN/admin/status" >"$WORK/status.json"
    read -r revision active < <(jq -r '"\(.revision) \(.active)"' "$WORK/status.json")
    if ((round == 0)); then
        first_revision=$revision
    elif ((revision == promised_revision)); then
        expect "active colour at the promised revision $revision" "$active" "$promised_colour"
    else
        expect "revision, the one promised or the one in flight" "$revision" $((promised_revision + 1))
        expect "active colour of the change in flight" "$active" "$tried"
        in_flight_kept=$((in_flight_kept + 1))
    fi
    expect "colour that answers" "$(curl -fsS "$PROXY/")" "$active"
    check_history "$revision" "$active"
    ((round < rounds)) || break

    : >"$WORK/journal"
    promised_colour=$active
    promised_revision=$revision
    switch_until_killed "$([ "$active" = blue ] && echo green || echo blue)" &
    loop=$!
    sleep "0.$(printf %03d $((RANDOM % 300)))"
    kill -KILL "$TURNOUT_PID"
    wait "$TURNOUT_PID" 2>/dev/null || true
    wait "$loop"
    while read -r word colour number; do
        case $word in
            tried) tried=$colour ;;
            promised) promised_colour=$colour promised_revision=$number switches=$((switches + 1)) ;;
        esac
    done <"$WORK/journal"
done
if grep -iE 'corrupt|checksum' "$WORK/turnout.log" >/dev/null; then fail "a state file was found damaged"; fi
say "$rounds kills in $switches acknowledged switches: each start found the promised state;" \
    "$in_flight_kept times the change in flight had been kept"
((rounds < 10 || switches > 0)) || fail "no switch was ever acknowledged"
say "passed"
