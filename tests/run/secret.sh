# A secret goes into env, a script, a native function and C, and nowhere else: nothing that the run
# leaves behind, prints or shows to `ps` has it, though bodies print it, fail with it and log it.
. "$CASE/cmdline.inc"
cat >s.dag <<'DAG'
pipeline s {
  input key: secret
  input more: list<secret> = []
  input fail: bool = false
  stage env {
    out n: int = <stdout | trim | int>
    out all: string = <stderr>
    run "echo \"$KEY\" >&2; sleep 1; cat <out.f>; printf '%s' \"$KEY\" | wc -c"
    out f: file = "made"
    env KEY = <input.key>
    may_fail
  }
  stage sh {
    in key: secret = <input.key>
    in more: list<secret> = <input.more>
    in fail: bool = <input.fail>
    out n: int
    out said: string = <stdout>
    script "sh" '''
      key=$(sed 's/.*"key":"\([^"]*\)".*/\1/' "$DAG_INPUT")
      grep -q '"more":\["second'-'hush"\]' "$DAG_INPUT" || exit 3
      echo "out: $key $key second"-"hush end"
      echo "err: $key" >&2
      [ $DAG_fail = false ] || exit 7
      printf '{"n": %d}' ${#key} >"$DAG_OUTPUT"
    '''
  }
  stage c {
    in key: secret = <input.key>
    in fail: bool = <input.fail>
    out n: int
    c '''
      #include <string.h>
      dag_log(ctx, "c has %s", in->key);
      if (in->fail) return dag_fail(ctx, "odd", "c fails with %s", in->key);
      out->n = (int64_t)strlen(in->key);
    '''
  }
  output sh: int = <sh.n>
  output said: string = <sh.said>
  output c: int = <c.n>
  output env: int? = <env.n>
}
DAG
secret=hush-8c1f4e
printf '["second-hush"]' >more.json
sed -i 's/cat <out.f>; //; s/sleep 1; /touch <out.f>; sleep 1; /' s.dag
expect 0 "$DAGCC" s.dag

# clean: nothing here has a secret in it, but for what we gave.
clean() {
    ! grep -rlaE 'hush-8c1f4e|second-hush' . | grep -Ev '^\./(more\.json|key)$' >found ||
        { cat found; fail "a secret was left behind"; }
    rm -f found
}
./s --json --input more=@more.json --input key=$secret --events ev.jsonl >out 2>err &
pid=$!
sleep 0.5
tr '\0' ' ' </proc/$pid/cmdline >shown || :
wait $pid || fail "status $?"
grep -q 'key=\*\*' shown || fail "ps shows the secret: $(cat shown)"
says out '"sh":11,"said":"out: *** *** *** end\n","c":11,"env":11'
clean
grep -rqa 'c has \*\*\*' .dag || fail "the log is missing"
grep -q 'err: \*\*\*' .dag/work/*/sh/-/1/stderr || fail "the log of the script is missing"

printf %s "$secret" >key
expect 1 ./s --continue-on-error --input more=@more.json --input key=@key --input fail=true
says err 'exit status 7: err: ***'
says err 'c fails with ***'
clean

# A secret was not recorded: to go on, it is given again.
run=$(sed -n 's/.*failed in .* (run \(.*\))/\1/p' err)
expect 2 ./s resume "$run"
says err 'input `key: secret`: required, but not given'
expect 1 ./s resume "$run" --input key=@key --input more=@more.json
says err 'exit status 7: err: ***'
clean

# Not one that is given as something else, and not with its text in the message.
expect 2 ./s --inputs - <<'JSON'
{"key": {"deep": "hush-8c1f4e"}, "more": ["second-hush"]}
JSON
clean
"$DAGCC" --emit=c s.dag >emitted
clean

# Values that a body gives back do not carry it on, in whatever spelling it came: JSON's escapes, lines of a key
# with marks before them, the type of a failure.
cat >w.dag <<'DAG'
pipeline w {
  input key: secret
  input how: enum(well, type, list, fail, print) = well
  stage sh {
    in key: secret = <input.key>
    in how: string = <input.how>
    out key: string
    script "sh" '''
      case $DAG_how in
      list) echo "[$(cat "$DAG_INPUT")]" >"$DAG_OUTPUT" ;;
      *) sed 's/,"how":"[a-z]*"}/}/' "$DAG_INPUT" >"$DAG_OUTPUT" ;;
      esac
    '''
  }
  stage c {
    in key: secret = <input.key>
    in how: enum(well, type, list, fail, print) = <input.how>
    out all: stream<json>
    out same: bool
    c '''
      #include <string.h>
      cJSON *all = cJSON_CreateArray();
      cJSON_AddItemToArray(all, cJSON_CreateString(in->key));
      dag_emit_all(ctx, all);
      cJSON_Delete(all);
      out->same = strlen(in->key) == 58;
      if (in->how == c_how_fail) return dag_fail(ctx, in->key, "fails");
    '''
  }
  stage typed {
    when input.how == "type"
    in key: secret = <input.key>
    out key: int
    script "sh" 'cp "$DAG_INPUT" "$DAG_OUTPUT"'
  }
  stage print { when input.how == "print"  run "printf '%s' \"$KEY\" | sed 's/^/> /' >&2; exit 9"  env KEY = <input.key> }
  output key: string = <sh.key>
  output all: list<json> = <c.all>
  output same: bool = <c.same>
  output typed: int? = <typed.key>
}
DAG
expect 0 "$DAGCC" w.dag
printf 'first "line" of hush-8c1f4e\n{\nsecond \\ second-hush line\n}\n' >key
for state in .dag :memory:; do
    expect 0 ./w --json --state $state --input key=@key --events ev.jsonl
    says out '"key":"***","all":[["***"]],"same":true'
    for how in type list fail print; do
        expect 1 ./w --json --state $state --input key=@key --input how=$how --events ev.jsonl
    done
done
clean
expect 1 ./w -q --state :memory: --input key=@key --input how=print
says err '> ***'
! grep -q 'log: ' err || fail "it names a log that is gone"

# One that may be missing leaves its variable unset, even if the outside sets it; `default` gives a secret.
cat >o.dag <<'DAG'
pipeline o {
  input key: secret?
  input other: secret
  stage bare   { env KEY = <input.key>  out t: string = <stdout | trim>  run "echo ${KEY-unset}" }
  stage text   { in k: secret? = <input.key>  env KEY = "<k>"  out t: string = <stdout | trim>  run "echo ${KEY-unset}${DAG_k-}" }
  stage other  { env KEY = <input.key | default(input.other)>  out n: int = <stdout | int>  run "printf %s $KEY | wc -c" }
  stage public { in k: secret = <input.key | default("public")>  env KEY = <k>  out t: string = <stdout | trim>  run "echo $KEY" }
  output bare: string = <bare.t>
  output text: string = <text.t>
  output other: int = <other.n>
  output public: string = <public.t>
}
DAG
expect 0 "$DAGCC" o.dag
printf %s "second-hush" >other
KEY=outside
export KEY
expect 0 ./o --json --input other=@other --events ev.jsonl
says out '"bare":"unset","text":"unset","other":11,"public":"***"'
printf %s "$secret" >key
expect 0 ./o --json --input other=@other --input key=@key --events ev.jsonl
says out '"bare":"***","text":"***","other":11,"public":"***"'
rm -f other
clean
