#!/usr/bin/env bash
# The same in short, for the gate.
FLOOD=3 exec "$(dirname "$0")/../descriptors.sh"
