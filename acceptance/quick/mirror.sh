#!/usr/bin/env bash
# The same in short, for the gate.
SECONDS_EACH=3 exec "$(dirname "$0")/../mirror.sh"
