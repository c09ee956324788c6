# The examples of the other pages do what they say.
. "$CASE/docs.inc"
page README.md
for f in "$CASE"/../../docs/*.md; do
    [ "${f##*/}" = language.md ] || page "docs/${f##*/}"
done
exit $failed
