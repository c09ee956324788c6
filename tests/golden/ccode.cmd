# What C compilers and linkers say, as dagcc tells it: they do not all say the same, so their words are
# those in lib/c. tests/run/cmdline_c.sh and cmdline_native.sh ask the one that is here.
says() {
    echo "=== $*"
    SAID=$1 TMPDIR=$TMP CC='sh lib/cc.sh' "$DAGCC" ${DAGCC_FLAGS-} -o "$TMP/x" "$2" 2>&1 | sed "s|$TMP/dagcc-[^/ ]*|DIR|g"
}
says inline lib/inline.dag
says open lib/inline.dag
says nothing lib/comment.dag
PKG_CONFIG=true
export PKG_CONFIG
says types lib/native.dag
says link lib/native.dag
says undefined lib/native.dag
says header lib/native.dag
says ours lib/native.dag
PKG_CONFIG=false
says package lib/native.dag
PKG_CONFIG=./no-such-program
says package lib/native.dag
