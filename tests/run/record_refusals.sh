#!/bin/sh
# Stores that cannot be used: a clear error, status 4, and nothing is lost.
. "$CASE/cmdline.inc"
hello hello.dag
expect 0 "$DAGCC" hello.dag -o run
expect 0 ./run
expect 0 ./run runs
cp out runs
cp .dag/hello.db good.db

# Of a newer version: byte 63 is the last one of the format's number.
printf '\143' | dd of=.dag/hello.db bs=1 seek=63 conv=notrunc 2>/dev/null
cp .dag/hello.db newer.db
for command in '' runs 'resume last' 'show last' plan; do
    # shellcheck disable=SC2086
    expect 4 ./run $command
    says err 'newer version'
done
cmp -s .dag/hello.db newer.db || fail "a newer store was changed"

# Of another program.
cp good.db .dag/hello.db
printf 'xxxx' | dd of=.dag/hello.db bs=1 seek=68 conv=notrunc 2>/dev/null
expect 4 ./run
says err 'another program'

# Damaged: all of it, the beginning alone, cut off.
head -c 20000 /dev/zero | tr '\0' x >.dag/hello.db
expect 4 ./run
says err 'not a database'
says err 'move it away'
cp good.db .dag/hello.db
head -c 3000 /dev/zero | tr '\0' x | dd of=.dag/hello.db bs=1 seek=200 conv=notrunc 2>/dev/null
expect 4 ./run
head -c 9000 good.db >.dag/hello.db
expect 4 ./run
cp good.db .dag/hello.db
rm -f .dag/hello.db-*
expect 0 ./run runs
cmp -s out runs || fail "the runs are not what they were"

# A folder that is none, one that cannot be made.
: >file
expect 4 ./run --state file
says err 'Not a directory'
expect 4 ./run --state /proc/nowhere/dag
[ -s err ] || fail "no word"
expect 2 ./run runs --state :memory:
expect 0 ./run runs --state nowhere
[ ! -e nowhere ] || fail "looking made a store"
if [ "$(id -u)" -ne 0 ]; then
    chmod a-w .dag .dag/hello.db
    expect 4 ./run
    expect 0 ./run runs
    cmp -s out runs || fail "the runs cannot be read"
    chmod u+w .dag .dag/hello.db
fi

# A vanished folder of work: the record is still there.
rm -rf .dag/work
expect 0 ./run show last
expect 0 ./run logs last greet
expect 0 ./run
