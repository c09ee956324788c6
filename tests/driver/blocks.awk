# The code blocks of a Markdown file, as files: awk -v out=DIR -f blocks.awk FILE.md
#
#   ```dag             a whole file that compiles: DIR/lineN/PIPELINE.dag, after its last pipeline
#   ```dag wrong       one that has errors: the same, and a file DIR/lineN/wrong
#   ```LANG NAME.EXT   a file NAME.EXT beside the next ```dag block
#   ```console         commands, each behind `$ `, and what they print: DIR/lineN/console of the last ```dag
#
# Everything else (```c, ```sh, …) is only for reading. DIR must exist.

function begin(line) {
    dir = out "/line" line
    system("mkdir -p '" dir "'")
    complete = 0
}

function finish(name) {
    if (file == "") { # a pipeline: its name is known now
        file = dir "/" name ".dag"
        complete = 1
    }
    printf "%s", text >file
    close(file)
    file = text = ""
}

!inside && /^```/ {
    inside = 1
    words = split(substr($0, 4), word, " ")
    keep = 0
    if (word[1] == "dag" && (words == 1 || word[2] == "wrong")) {
        if (dir == "" || complete)
            begin(NR)
        if (word[2] == "wrong")
            print "" >(dir "/wrong")
        keep = 1
        name = "x"
    } else if (words == 2 && word[2] ~ /\./) {
        if (dir == "" || complete)
            begin(NR)
        keep = 1
        file = dir "/" word[2]
    } else if (word[1] == "console" && dir != "") {
        keep = 1
        file = dir "/console"
    }
    next
}
inside && /^```/ {
    if (keep)
        finish(name)
    inside = 0
    next
}
inside && keep {
    text = text $0 "\n"
    if ($1 == "pipeline")
        name = $2
}
