#!/bin/sh
# Looks for what dagcc needs and installs what is missing: tools/deps.sh [build] [test] [slurm]
#
# Each row: who needs it, Debian package, what proves that it is there (a command or a C header).
# The proof is tried, not the package manager asked, so that it holds on any system.
set -u
PATH=$PATH:/usr/sbin:/sbin # where Debian has daemons
CC=${CC:-cc}

rows='
build  gcc              command $CC
build  libc6-dev        header  stdio.h
build  re2c             command re2c
build  bison            command bison
build  dpkg-dev         command dpkg-source
build  libcjson-dev     header  cjson/cJSON.h
build  libsqlite3-dev   header  sqlite3.h
build  libutf8proc-dev  header  utf8proc.h
build  libtre-dev       header  tre/tre.h
build  libxxhash-dev    header  xxhash.h
test   libcunit1-dev    header  CUnit/Basic.h
test   clang-format-14  command clang-format-14
test   python3          command python3
test   pkg-config       command pkg-config
slurm  slurmctld        command slurmctld
slurm  slurmd           command slurmd
slurm  slurm-client     command sbatch
slurm  munge            command munged
'

present() {
    case $1 in
    command) command -v "$2" >/dev/null 2>&1 ;;
    header) printf '#include <%s>\n' "$2" | $CC -E - >/dev/null 2>&1 ;;
    esac
}

# Prints the packages of the rows asked for whose proof fails.
missing() {
    echo "$rows" | while read -r who package how what; do
        case " $wanted " in *" $who "*) ;; *) continue ;; esac
        [ "$what" = "\$CC" ] && what=${CC%% *}
        # cJSON's static archive is built from a Debian source package; elsewhere nobody needs this.
        [ "$package" = dpkg-dev ] && ! command -v apt-get >/dev/null && continue
        present "$how" "$what" || printf '%s ' "$package"
    done
}

wanted=${*:-build test}
packages=$(missing)
[ -n "$packages" ] || exit 0

echo "missing: $packages"
if ! command -v apt-get >/dev/null; then
    echo "This is no Debian system: please install what these Debian packages contain, then try again." >&2
    exit 1
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
    as_root=sudo
    if ! command -v sudo >/dev/null; then
        echo "Neither root nor sudo: please run as root:  apt-get install $packages" >&2
        exit 1
    fi
fi
# shellcheck disable=SC2086 # the list is meant to be split; `env` carries the setting through sudo
apt() { $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@" </dev/null; }
echo "installing with ${as_root:+$as_root }apt-get"
apt update && apt install --no-install-recommends $packages || {
    echo "apt-get failed; needed: $packages" >&2
    exit 1
}
packages=$(missing)
if [ -n "$packages" ]; then
    echo "still missing after the installation: $packages" >&2
    exit 1
fi
