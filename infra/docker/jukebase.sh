#!/bin/sh
# The jukebase command inside an image, which holds its own Node: the launcher, which would fetch one, is passed by.
exec node /jukebase/apps/cli/main.ts "$@"
