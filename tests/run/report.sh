#!/bin/sh
# The report of a run: one page, made after the run and from its record alone; nothing in it is taken for
# markup, no secret stands in it, and its size is bounded.
. "$CASE/cmdline.inc"
command -v python3 >/dev/null || { echo "needs python3"; exit 77; }
cat >r.dag <<'DAG'
## Says </title> & "more".
pipeline r {
  input who: string = "\<b>Ann\</b>"
  input key: secret
  input fix: bool = false
  resources gpu: 2
  ## Numbers.
  stage make { out x: stream<int> = <[1, 2, 3, 4, 5]> }
  stage work {
    in x: int = <make.x>
    out y: int = <stdout | trim | int>
    cacheable
    resources memory: 64MB, gpu: 1
    run "echo '\</script>\<script>alert(1)\</script>' >&2; sleep 0.05; echo <x>"
  }
  stage odd { gate  in y: int = <work.y>  when y != 2 }
  stage bad {
    fan aggregate
    in ys: list<int> = <odd.y>
    out n: int = <ys | length>
    env KEY = <input.key>
    retry 1
    run "echo the key is $KEY; echo $DAG_ATTEMPT '\<i>\"&\</i>' >&2; test $KEY = hunter3 || exit 7"
  }
  stage after { in n: int = <bad.n>  out m: int = <n> }
  output m: int = <after.m>
}
DAG
cat >check.py <<'PY'
import html.parser, re, sys
VOID = {"meta", "br", "input", "path"}
class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.tags, self.text, self.rows, self.ids = [], {}, [], [], set()
        self.classes = set()
    def handle_starttag(self, tag, attrs):
        self.tags[tag] = self.tags.get(tag, 0) + 1
        attrs = dict(attrs)
        assert not any(a.startswith("on") for a in attrs), (tag, attrs)
        for a in ("src", "href", "action"):
            assert a not in attrs, (tag, attrs)
        assert "id" not in attrs or attrs["id"] not in self.ids, attrs
        self.ids.add(attrs.get("id"))
        self.classes |= set((attrs.get("class") or "").split())
        if tag not in VOID:
            self.open.append(tag)
    def handle_startendtag(self, tag, attrs):
        pass
    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open and self.open.pop() == tag, (tag, self.getpos())
    def handle_data(self, data):
        if not self.open or self.open[-1] not in ("script", "style"):
            self.text.append(data)
source = open(sys.argv[1], encoding="utf-8").read()
page = Page()
page.feed(source)
page.close()
assert page.open == [], page.open
text = " ".join("".join(page.text).split())
assert page.tags["script"] == 1 and source.count("</script>") == 1
assert "http://" not in source.replace("http://www.w3.org/2000/svg", "") and "https://" not in source
assert "url(" not in source and "@import" not in source
assert "hunter2" not in source
exec(sys.argv[2])
PY
holds() { python3 check.py "$1" "$2" >check.log 2>&1 || { cat check.log; fail "$1 does not hold: $2"; }; }
expect 0 "$DAGCC" r.dag -o r

expect 1 ./r -q -j 2 --input key=hunter2 --report a.html
holds a.html '
assert "r" in text and "failed" in text and "exit status 7" in text or "status 7" in text, text[:900]
assert "</script><script>alert(1)</script>" in text, "logs"
assert "<i>\"&</i>" in text and "the key is ***" in text
assert "<b>Ann</b>" in text
assert re.search(r"\./r resume 20\S+ --input key=…", text), text[:900]
assert page.tags["svg"] == 1 and {"completed", "failed", "skipped", "path"} <= page.classes
assert "Critical path" in text and "bad" in text
assert "of 64MB" in text and "gpu 1" in text, "asked"
assert "`bad` failed" in text, "why skipped"
assert "a condition is false" in text or "filtered" in text'

# the same from the record alone, at any time; of a child and of one that does not exist
expect 0 ./r show last --report b.html
silent out
sed 's/[0-9.]*m*s</</g' a.html >a.txt
sed 's/[0-9.]*m*s</</g' b.html >b.txt
cmp a.txt b.txt || fail "not the same page"
expect 2 ./r show nothing --report c.html
[ ! -e c.html ] || fail "a page of nothing"
expect 0 ./r resume last -q --input key=hunter3 --report c.html
sed -i 's/hunter3//' check.py
holds c.html '
assert "completed" in text and "resume" not in text
assert "hunter3" not in source'
expect 0 ./r -q --input key=hunter3 --report d.html
holds d.html 'assert "same definition and inputs as in run" in text and "cached" in page.classes'

# of many tasks: bounded
cat >many.dag <<'DAG'
pipeline many {
  stage make { out x: stream<string> = <stdout | lines>  run "seq 6000" }
  stage work { in x: string = <make.x>  out y: int  c "out->y = in->x[0] - '0';" }
  stage all { fan aggregate  in ys: list<int> = <work.y>  out n: int = <ys | length> }
  output n: int = <all.n>
}
DAG
expect 0 "$DAGCC" many.dag -o many
expect 0 ./many -q --report many.html
[ "$(wc -c <many.html)" -lt 2000000 ] || fail "a large page"
holds many.html '
assert page.tags["tbody"] < 2100
assert re.search("Without a row, as they are many: ?(all1 completed \\S+ )?work400[12] completed", text), text[-300:]
assert "6000 attempts" in source'

expect 2 ./many --report /nonexistent/x.html
says err '--report /nonexistent/x.html: No such file'
expect 2 ./many --state :memory: --report x.html
says err 'not with --state :memory:'
exit 0
