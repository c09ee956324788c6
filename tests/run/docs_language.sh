# The examples of the language's reference do what it says.
. "$CASE/docs.inc"
page docs/language.md
exit $failed
