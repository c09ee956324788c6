# Links between the pages of the documentation that lead nowhere: awk -f tools/links.awk README.md docs/*.md
#
# [text](page.md#heading): the page must be among those given, with a heading that is so called.

function folder(path) {
    return path ~ /\// ? substr(path, 1, length(path) - length(name(path))) : ""
}

function name(path) {
    sub(/.*\//, "", path)
    return path
}

FNR == 1 {
    inside = 0
    pages[FILENAME] = 1
}
/^```/ {
    inside = !inside
    next
}
inside {
    next
}
/^#+ / {
    heading = tolower($0)
    sub(/^#+ /, "", heading)
    gsub(/[^a-z0-9 _-]/, "", heading)
    gsub(/ /, "-", heading)
    headings[FILENAME "#" heading] = 1
}
{
    rest = $0
    while (match(rest, /\]\([^)]*\)/)) {
        target = substr(rest, RSTART + 2, RLENGTH - 3)
        rest = substr(rest, RSTART + RLENGTH)
        if (target ~ /^[a-z]+:/)
            continue
        links[++n] = FILENAME ":" FNR ": nothing is at " target
        to[n] = target ~ /^#/ ? FILENAME target : folder(FILENAME) target
    }
}
END {
    for (i = 1; i <= n; i++) {
        page = to[i]
        sub(/#.*/, "", page)
        if (!(page in pages) || (to[i] ~ /#/ && !(to[i] in headings)))
            print links[i]
    }
}
