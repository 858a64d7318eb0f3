#!/usr/bin/env bash
# The same in short, for the gate.
SETTLE=1 exec "$(dirname "$0")/../canary-story.sh"
