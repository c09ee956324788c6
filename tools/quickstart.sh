#!/bin/sh
# Compiles the licences example and runs it over this repository; says where its page and the report of
# the run are.
set -eu
build=${BUILD:-build}
dag=examples/licences.dag
echo "+ $build/dagcc $dag -o $build/licences"
"$build/dagcc" "$dag" -o "$build/licences"
mkdir -p "$build/quickstart"
cd "$build/quickstart"
echo "+ cd $build/quickstart; ../licences --out out --report report.html"
../licences --out out --report report.html
page=$(find "$PWD/out" -name '*.html' | head -n 1)
if [ -z "$page" ] || [ ! -s report.html ]; then
    echo "the run left no HTML page in $PWD/out, or no report" >&2
    exit 1
fi
echo
echo "What it made:          file://$page"
echo "The report of its run: file://$PWD/report.html"
echo "From $PWD, \`../licences --help\` lists its inputs and its other commands."
