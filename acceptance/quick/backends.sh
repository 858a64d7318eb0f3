#!/usr/bin/env bash
# The same in short, for the gate.
SECONDS_EACH=2 EDITS=50 MANY=50 BALANCERS=least-requests exec "$(dirname "$0")/../backends.sh"
