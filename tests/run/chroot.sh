#!/bin/sh
# A pipeline whose stages need nothing runs in a folder that holds nothing but its binary.
set -eu
command -v chroot > /dev/null && test "$(id -u)" = 0 || { echo "needs root for chroot"; exit 77; }
cat > alone.dag <<'DAG'
pipeline alone {
  stage list { out xs: stream<int> = [1, 2, 3] }
  stage twice { in x: int  out y: int  c ''' out->y = in->x * 2; ''' }
  stage sum { fan aggregate  in ys: list<int>  out text: string = <ys | string | join("+")> }
  list.xs -> twice.x
  twice.y -> sum.ys
  output text: string = <sum.text>
  output upper: string = <"straße" | upper>
}
DAG
"$DAGCC" alone.dag -o alone
case $(file -b alone 2> /dev/null || echo statically) in
*"dynamically linked"*) echo "this machine has no static libraries"; exit 77 ;;
esac
mkdir jail
cp alone jail/
chroot jail /alone > out 2> err || { cat err; exit 1; }
grep -qx 'text: 2+4+6' out
grep -qx 'upper: STRASSE' out
test -e jail/.dag/alone.db
chroot jail /alone --state :memory: --json > out 2> err
grep -q '"status":"completed"' out
