#!/bin/sh
# Builds libcjson.a from the distribution's own source package: tools/cjson-static.sh OUT.a
#
# Debian's libcjson-dev has no static archive. The source comes from the machine's own apt sources,
# with the distribution's security patches; apt's private state lives under $BUILD, so the machine's
# configuration and package lists stay as they are. Nothing of it is committed.
# Exit status 1, with the reason, when this machine cannot do it.
set -u
out=$1
dir=${BUILD:-build}/cjson-src
mkdir -p "$dir" || exit 1
dir=$(cd "$dir" && pwd)

give_up() {
    echo "cjson: no static library: $*" >&2
    exit 1
}

# Prints the machine's apt sources as deb-src lines. Both formats: one line `deb [options] URI
# suite components`, and deb822 paragraphs (.sources), of which only the fields used here are read.
deb_src_lines() {
    for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ -r "$f" ] && sed -n 's/^[[:space:]]*deb[[:space:]]\(.*\)/deb-src \1/p' "$f"
    done
    for f in /etc/apt/sources.list.d/*.sources; do
        [ -r "$f" ] && awk -f tools/deb822.awk "$f"
    done
}

fetch() {
    command -v apt-get >/dev/null || give_up "it is built from Debian's source package by apt-get"
    command -v dpkg-source >/dev/null || give_up "dpkg-source (package dpkg-dev) is missing"
    mkdir -p "$dir/lists/partial" "$dir/archives/partial" || exit 1
    deb_src_lines >"$dir/sources.list"
    [ -s "$dir/sources.list" ] || give_up "no apt sources found in /etc/apt"
    # Read after the machine's own apt.conf, so that its proxies hold; its hooks are not ours to run.
    # Only the source indexes of our list are fetched; the private folders hold all state.
    cat >"$dir/apt.conf" <<CONF
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
APT::Sandbox::User "";
Acquire::Languages "none";
Dir::Etc::sourcelist "$dir/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State::lists "$dir/lists";
Dir::Cache::archives "$dir/archives";
Dir::Cache::srcpkgcache "";
Dir::Cache::pkgcache "";
CONF
    set -- -q -c "$dir/apt.conf"
    echo "cjson: fetching the distribution's source package"
    { apt-get "$@" update && cd "$dir" && apt-get "$@" source --download-only cjson; } \
        >"$dir/log" 2>&1 </dev/null || {
        tail -n 5 "$dir/log" | sed 's/^/    /' >&2
        give_up "apt-get could not fetch its source (log: $dir/log)"
    }
    rm -rf "$dir/lists" "$dir/archives"
}

source_file() {
    find "$dir/src" -maxdepth 1 -name cJSON.c 2>/dev/null
}

if [ -z "$(source_file)" ]; then
    (fetch) || exit 1
    rm -rf "$dir/src"
    (cd "$dir" && dpkg-source -x cjson_*.dsc src >>log 2>&1) || give_up "dpkg-source failed (log: $dir/log)"
    [ -n "$(source_file)" ] || give_up "the source package holds no cJSON.c"
fi
mkdir -p "$(dirname "$out")"
# The flags are those of Debian's own library, plus -fPIC so that shared pipelines can use it.
${CC:-cc} -std=c89 -O2 -g -fPIC -DENABLE_LOCALES -c -o "$dir/cJSON.o" "$dir/src/cJSON.c" ||
    give_up "cJSON.c does not compile"
rm -f "$out"
${AR:-ar} rcsD "$out" "$dir/cJSON.o"
echo "cjson: built $out"
