#!/bin/sh
# A sample of `make fault`: some twenty calls of one pipeline, each gone wrong in one way; and kills of
# one that deletes files after use.
for mode in kill torn full eio short; do
    sh "$CASE/../fault/fault.sh" -s 37 -m $mode "$CASE/../fault/files.dag" >out 2>&1
    status=$?
    [ $status -eq 0 ] || { cat out; exit $status; }
done
if ! nm "$DAGCC" 2>/dev/null | grep -qE '__(tsan|asan)_'; then # their allocators end the process
    sh "$CASE/../fault/fault.sh" -s 307 -m nomem "$CASE/../fault/files.dag" >out 2>&1 || { cat out; exit 1; }
fi
sh "$CASE/../fault/storm.sh" -n 3 "$CASE/../fault/files.dag" >out 2>&1 || { cat out; exit 1; }
sh "$CASE/../fault/fault.sh" -s 29 -m kill "$CASE/../fault/temp.dag" >out 2>&1
status=$?
[ $status -eq 0 ] || { cat out; exit $status; }
