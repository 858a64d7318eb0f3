#!/usr/bin/env bash
# The same, as it is short.
exec "$(dirname "$0")/../logrotate.sh"
