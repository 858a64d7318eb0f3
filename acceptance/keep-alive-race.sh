#!/usr/bin/env bash
# Backends that end kept connections at the worst moments lose no GET and get no POST twice.
#
# Needs Maven. Runs KeepAliveRaceIT with TRIALS trials (default 10000), half of them on one backend and half on two, and idle
# connections besides. Prints seeds and counts; RACE_SEED repeats a run.

# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
need mvn

TRIALS=${TRIALS:-10000}
cd "$REPO"
NEWEST_LOG=$WORK/mvn.log
mvn -B -pl app -am -Dspotless.check.skip=true -Dsurefire.failIfNoSpecifiedTests=false \
    -Dfailsafe.failIfNoSpecifiedTests=false -Dtest=NoSuch -Dit.test=KeepAliveRaceIT \
    -Drace.trials="$TRIALS" ${RACE_SEED:+-Drace.seed="$RACE_SEED"} verify >"$NEWEST_LOG" 2>&1 ||
    fail "a GET was lost or a POST was done twice"
grep '^keep-alive race' "$NEWEST_LOG" || grep -h '^keep-alive race' app/target/failsafe-reports/*KeepAliveRaceIT-output.txt
say "$TRIALS trials, 0 lost GETs, 0 duplicated POSTs"
