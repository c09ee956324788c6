# Prints the enabled binary sources of an apt .sources file (deb822) as one-line deb-src entries.
# Read: Types, URIs, Suites, Components, Signed-By (a path), Enabled. Comments are skipped; a line
# that begins with a space continues the field before it.
function flush_paragraph(   i, j, nu, ns, uris, suites, opt) {
    if (tolower(field["enabled"]) != "no" && field["types"] ~ /(^| )deb( |$)/) {
        opt = field["signed-by"] ~ /^ *\// ? " [signed-by=" trim(field["signed-by"]) "]" : ""
        nu = split(field["uris"], uris, " ")
        ns = split(field["suites"], suites, " ")
        for (i = 1; i <= nu; i++)
            for (j = 1; j <= ns; j++)
                print "deb-src" opt " " uris[i] " " suites[j] " " trim(field["components"])
    }
    split("", field)
}
function trim(s) {
    gsub(/^ +| +$/, "", s)
    return s
}
/^#/ { next }
/^[ \t]*$/ { flush_paragraph(); next }
/^[ \t]/ { field[name] = field[name] " " $0; next }
{
    name = tolower(substr($0, 1, index($0, ":") - 1))
    field[name] = substr($0, index($0, ":") + 1)
}
END { flush_paragraph() }
