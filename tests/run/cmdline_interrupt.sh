#!/bin/sh
# A signal while the C compiler works: dagcc dies of it, and leaves nothing behind.
. "$CASE/cmdline.inc"
hello hello.dag
mkdir tmp
cat >slow-cc <<'CC'
#!/bin/sh
: >started
exec sleep 60
CC
chmod +x slow-cc
CC=$PWD/slow-cc TMPDIR=$PWD/tmp "$DAGCC" hello.dag &
pid=$!
while [ ! -e started ]; do
    kill -0 $pid 2>/dev/null || fail "dagcc ended before the C compiler had started"
    sleep 0.05
done
kill -TERM $pid
wait $pid
status=$?
[ $status -eq 143 ] || fail "status $status after SIGTERM"
[ -z "$(ls -A tmp)" ] || fail "left $(ls -A tmp)"
[ ! -e hello ] || fail "left an output"
