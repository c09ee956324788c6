#!/bin/sh
# The numbers of examples/licences.dag against a computation that shares no code with it.
set -eu
"$DAGCC" "$CASE/../../examples/licences.dag" -o licences
./licences --out results --quiet > printed
root=/usr/share/common-licenses
total=0
find $root -type f | LC_ALL=C sort | while read -r file; do
    words=$(LC_ALL=C wc -w < "$file")
    longest=$(LC_ALL=C awk '{ if (length($0) > most) most = length($0) } END { print most + 0 }' "$file")
    top=$(LC_ALL=C grep -oE '[A-Za-z]+' "$file" | LC_ALL=C tr '[:upper:]' '[:lower:]' |
        awk 'length($0) >= 4 { seen[$0]++ } END { for (w in seen) print seen[w], w }' |
        LC_ALL=C sort -k1,1nr -k2,2 | sed -n '1,5s/^[0-9]* //p' | paste -sd, | sed 's/,/, /g')
    printf '%s\t%s\t%s\t%s\n' "$(basename "$file")" "$words" "$longest" "$top"
done > expected.tsv
diff -u expected.tsv results/table.tsv
total=$(awk -F'\t' '{ sum += $2 } END { print sum }' expected.tsv)
test "$(grep -c '<tr><td>' results/page.html)" = "$(wc -l < expected.tsv)"
test "$(cat results/outputs.json)" = "{\"total\":$total}"
grep -qx "total: $total" printed
