#!/usr/bin/env bash
# The same, as it is short.
exec "$(dirname "$0")/../going-back.sh"
