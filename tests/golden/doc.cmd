# The documentation of a file.
"$DAGCC" doc lib/documented.dag
echo "status $?"
"$DAGCC" doc parse_end.dag 2>&1
echo "status $?"
"$DAGCC" doc lib/nowhere.dag 2>&1
echo "status $?"
