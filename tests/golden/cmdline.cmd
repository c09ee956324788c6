# What is wrong with the command line as seen from a file, and warnings that are off by default.
says() {
    echo "=== dagcc $*"
    # shellcheck disable=SC2086 # flags
    "$DAGCC" ${DAGCC_FLAGS-} "$@"
}
says --check -D m=1 lib/configs.dag
says --check -D slow=1 lib/configs.dag
says --check -D n=x lib/configs.dag
says --check -D mode=fsat lib/configs.dag
says --check -D 'sizes=[1, "x"]' lib/configs.dag
says --check -D 'sizes=[1' lib/configs.dag
says --check -D wait=5 lib/configs.dag
says --check -D far=99999999999999h lib/configs.dag
says --check --pipeline configz lib/configs.dag
says --check -Wprogram lib/configs.dag
says -o x lib/plugins.dag
says --check nowhere.dag
says --check lib
