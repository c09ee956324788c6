#!/bin/sh
# Compiles the licences example and runs it over this repository; says where the page is.
set -eu
build=${BUILD:-build}
dag=examples/licences.dag
echo "+ $build/dagcc $dag -o $build/licences"
"$build/dagcc" "$dag" -o "$build/licences"
mkdir -p "$build/quickstart"
cd "$build/quickstart"
echo "+ cd $build/quickstart; ../licences --out out"
../licences --out out
page=$(find "$PWD/out" -name '*.html' | head -n 1)
if [ -z "$page" ]; then
    echo "the run left no HTML page in $PWD/out" >&2
    exit 1
fi
echo
echo "The page: file://$page"
echo "From $PWD, \`../licences --help\` lists its inputs and its other commands."
