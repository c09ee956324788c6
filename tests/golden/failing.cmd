# What a failing expression says when the pipeline runs: the value, the pipe, the stage and the key.
# shellcheck disable=SC2086 # flags
"$DAGCC" ${DAGCC_FLAGS-} -o "$TMP/failing" lib/failing.dag || exit
cd "$TMP" && ./failing 2>&1 | sed -n 's/^..:..:.. //; / failed: /p' | sort
