/* The pipeline as text: bodies that read what they get, leave a line in $TRACE that says what they
 * are and what they saw, and give something that depends on it. */
#include <stdlib.h>
#include <string.h>

#include "world.h"

static const char *const kind_words[] = { "string", "file", "dir" };

static Kind in_kind(const World *w, const In *in) {
    return in->from == INPUT_FILE  ? KIND_FILE
           : in->from == INPUT_DIR ? KIND_DIR
           : in->from < 0          ? KIND_TEXT
                                   : w->stages[in->from].kind;
}

static void put_ins(FILE *f, const World *w, const Unit *s) {
    static const char *const sources[] = { "t", "f", "d", "w" };
    for (int i = 0; i < s->nins; i++) {
        const In *in = &s->ins[i];
        fprintf(f, "  in %c: %s%s%s%s", 'a' + i, in->list ? "list<" : "",
                kind_words[in_kind(w, in)], in->list ? ">" : "", in->optional ? "?" : "");
        if (in->from < 0) {
            fprintf(f, " = <input.%s>", sources[-1 - in->from]);
        }
        fputs(in->join == JOIN_MERGE ? " merge" : in->join == JOIN_ANY ? " any" : "", f);
        fputc('\n', f);
    }
}

static void put_out(FILE *f, const Unit *s) {
    const char *word = kind_words[s->kind];
    if (s->body == BODY_DOOR || s->body == BODY_SUB) {
        return;
    }
    fprintf(f, "  out o: %s%s%s", s->stream ? "stream<" : "", word, s->stream ? ">" : "");
    if (s->body == BODY_JSON || s->body == BODY_NATIVE_C) {
        fputc('\n', f);
    } else if (s->kind == KIND_TEXT) {
        fputs(s->stream ? " = <stdout | lines>\n" : " = <stdout>\n", f);
    } else if (s->stream) {
        fputs(" = glob \"f*.txt\"\n", f);
    } else {
        fputs(s->kind == KIND_FILE ? " = \"o.txt\"\n" : " = \"o\"\n", f);
    }
}

/* ---------------------------------------------------------------- shell */

static void put_read_path(FILE *f, Kind kind, int port) {
    if (kind == KIND_FILE) {
        fprintf(f, "IFS= read -r l \\< \"$p\" || :; v%c=\"$v%c.${p##*/}=$l\"\n", port, port);
    } else {
        fprintf(f,
                "v%c=\"$v%c.${p##*/}\"; for q in \"$p\"/*; do IFS= read -r l \\< \"$q\" || :; "
                "v%c=\"$v%c.${q##*/}=$l\"; done\n",
                port, port, port, port);
    }
}

static void put_read(FILE *f, const World *w, const In *in, int port) {
    Kind kind = in_kind(w, in);
    if (kind == KIND_TEXT && !in->list) {
        fprintf(f, "v%c=<%c%s>\n", port, port, in->optional ? " | default(\"none\")" : "");
    } else if (kind == KIND_TEXT) {
        fprintf(f, "v%c=; for l in <%c>; do v%c=\"$v%c.$l\"; done\n", port, port, port, port);
    } else if (!in->list) {
        fprintf(f, "p=<%c>; v%c=\n", port, port);
        put_read_path(f, kind, port);
    } else {
        fprintf(f, "v%c=; for p in <%c>; do ", port, port);
        put_read_path(f, kind, port);
        fputs("done\n", f);
    }
}

static void put_fail(FILE *f, int number) {
    fprintf(f, "if [ -e \"$FLAGS/s%d\" ]; then echo \"FAIL s%d\" >> \"$TRACE\"; exit 3; fi\n",
            number, number);
}

static void put_sign(FILE *f, const Unit *s, int number) {
    fprintf(f, "echo \"s%d %d $x\" >> \"$TRACE\"\n", number, s->version);
    switch (s->shape) {
    case SHAPE_FULL: fprintf(f, "y=\"%d-$x\"\n", s->version); break;
    case SHAPE_FIRST: fputs("y=${x#\"${x%?}\"}\n", f); break;
    case SHAPE_CONST: fputs("y=k\n", f); break;
    }
}

static void put_result(FILE *f, const Unit *s) {
    const char *loop = "i=0; n=$(( ${#x} % 4 )); while [ $i -lt $n ]; do ";
    if (s->stream) {
        fprintf(f, "%sprintf '%%.40s\\n' \"$i$y\"%s; i=$((i+1)); done\n", loop,
                s->kind == KIND_FILE ? " > f$i.txt" : "");
    } else if (s->kind == KIND_TEXT) {
        fputs("printf '%.40s' \"$y\"\n", f);
    } else if (s->kind == KIND_FILE) {
        fputs("printf '%.40s\\n' \"$y\" > <out.o>\n", f);
    } else {
        fputs("mkdir <out.o>; printf '%.40s\\n' \"$y\" > <out.o>/p; echo q > <out.o>/q\n", f);
    }
}

static void put_seen(FILE *f, const World *w, const Unit *s) {
    for (int i = 0; i < s->nins; i++) {
        put_read(f, w, &s->ins[i], 'a' + i);
    }
    fputs("x=\"$va,$vb,$vc\"\n", f);
    fputs(s->env ? "x=\"$x,$E\"\n" : "", f);
    fputs(s->config ? "x=\"$x,\"<config.c>\n" : "", f);
    fputs(s->argument ? "x=\"$x,\"<arg>\n" : "", f);
}

static void put_sh(FILE *f, const World *w, const Unit *s, int number) {
    fputs("  run \"\"\"\n", f);
    put_fail(f, number);
    put_seen(f, w, s);
    put_sign(f, s, number);
    put_result(f, s);
    fputs("\"\"\"\n", f);
}

static void put_door(FILE *f, const World *w, const Unit *s, int number) {
    fputs("  run \"\"\"\n", f);
    put_fail(f, number);
    put_seen(f, w, s);
    fprintf(f, "case $x in *2*) echo \"SHUT s%d\" >> \"$TRACE\"; exit 1;; esac\n", number);
    put_sign(f, s, number);
    fputs("\"\"\"\n", f);
}

/* ---------------------------------------------------------------- other bodies */

static void put_json(FILE *f, const World *w, const Unit *s, int number) {
    (void)w;
    fputs("  script \"sh\" '''\n", f);
    put_fail(f, number);
    fputs("x=\"${DAG_a-none},${DAG_b-none},${DAG_c-none}\"\n", f);
    fputs(s->env ? "x=\"$x,$E\"\n" : "", f);
    fputs(s->config ? "x=\"$x,$C\"\n" : "", f);
    put_sign(f, s, number);
    fputs(s->shape == SHAPE_FULL ? "y=\"$y${#x}\"; y=${y%%-*}-${#x}\n" : "", f);
    fputs(s->shape == SHAPE_FIRST ? "y=$(( ${#x} % 3 ))\n" : "", f);
    fputs("printf '{\"o\":\"%s\"}' \"$y\" > \"$DAG_OUTPUT\"\n'''\n", f);
    fputs(s->config ? "  env C = \"<config.c>\"\n" : "", f);
}

static void put_argv(FILE *f, const World *w, const Unit *s, int number) {
    (void)w;
    fputs("  exec \"sh\", \"-c\", '''\n", f);
    put_fail(f, number);
    fputs("x=\"$1,$2,$3\"\n", f);
    put_sign(f, s, number);
    fputs("printf '%.40s' \"$y\"\n''', \"sh\"", f);
    for (int i = 0; i < s->nins; i++) {
        fprintf(f, ", \"<%c%s>\"", 'a' + i, s->ins[i].optional ? " | default(\"none\")" : "");
    }
    fputc('\n', f);
}

/* "<a>,<b | default("none")>" */
static void put_mix(FILE *f, const Unit *s) {
    fprintf(f, "\"%d-", s->version);
    for (int i = 0; i < s->nins; i++) {
        fprintf(f, "%s<%c%s>", i > 0 ? "," : "", 'a' + i,
                s->ins[i].optional ? " | default(\"none\")" : "");
    }
    fputc('"', f);
}

static void put_value(FILE *f, const Unit *s) {
    fprintf(f, "  out o: %s = ", s->stream ? "stream<string>" : "string");
    if (s->shape == SHAPE_CONST && !s->stream) {
        fputs("\"k\"\n", f);
        return;
    }
    fputs("<", f);
    put_mix(f, s);
    fputs(s->stream                 ? " | split(\"1\")>\n"
          : s->shape == SHAPE_FIRST ? " | truncate(4)>\n"
                                    : " | truncate(40)>\n",
          f);
}

static void put_body(FILE *f, const World *w, const Unit *s, int number) {
    switch (s->body) {
    case BODY_SH: put_sh(f, w, s, number); break;
    case BODY_DOOR: put_door(f, w, s, number); break;
    case BODY_JSON: put_json(f, w, s, number); break;
    case BODY_ARGV: put_argv(f, w, s, number); break;
    case BODY_NATIVE_C: fprintf(f, "  c '/* %d */ (void)in;'\n", s->version); break;
    case BODY_SUB: fprintf(f, "  call sub%d\n", number); break;
    case BODY_VALUE: break;
    }
}

/* A called pipeline: what is new in it is only what an input of a stage within is bound to. */
static void put_sub(FILE *f, const Unit *s, int number) {
    fprintf(f, "pipeline sub%d {\n  cacheable\n", number);
    for (int i = 0; i < s->nins; i++) {
        fprintf(f, "  input %c: string\n", 'a' + i);
    }
    fputs("  stage one {\n", f);
    for (int i = 0; i < s->nins; i++) {
        fprintf(f, "    in %c: string = <input.%c>\n", 'a' + i, 'a' + i);
    }
    fprintf(f, "    in v: string = \"%d\"\n    out o: string = <stdout>\n    run \"\"\"\n",
            s->version);
    put_fail(f, number);
    fputs("x=", f);
    for (int i = 0; i < s->nins; i++) {
        fprintf(f, "%s<%c>", i > 0 ? "," : "", 'a' + i);
    }
    fprintf(f, "\necho \"s%d \"<v>\" $x\" >> \"$TRACE\"\nprintf '%%.40s' <v>\"-$x\"\n\"\"\"\n  }\n",
            number);
    fputs("  output o: string = <one.o>\n}\n", f);
}

/* ---------------------------------------------------------------- stages */

static void put_when(FILE *f, const World *w, const Unit *s) {
    bool text = in_kind(w, &s->ins[0]) == KIND_TEXT && !s->ins[0].list;
    if (s->when == 0) {
        return;
    }
    if (text && s->when == 1) {
        fputs("  when a != \"k\"\n", f);
    } else if (text && s->when == 2 && !s->ins[0].optional) {
        fputs("  when not (a starts_with \"1\")\n", f);
    } else {
        fprintf(f, "  when input.t != \"t%d\"\n", s->when);
    }
}

static void put_attributes(FILE *f, const World *w, const Unit *s) {
    static const char *const fans[] = { "single", "aggregate", "grouped", "cross" };
    fprintf(f, "  tags all, t%d\n", s->tag);
    fprintf(f, "  fan %s\n", fans[s->fan]);
    fprintf(f, s->env ? "  env E = \"e%d\"\n" : "%.0d", s->env);
    fprintf(f, s->retry ? "  retry %d timeout 1h max_parallel 9\n" : "%.0d", s->retry);
    fputs(s->uncacheable ? "  uncacheable\n" : "", f);
    fputs(s->may_fail ? "  may_fail\n" : "", f);
    fputs(s->barrier ? "  barrier\n" : "", f);
    fputs(s->body == BODY_DOOR ? s->passthrough ? "  gate passthrough\n" : "  gate\n" : "", f);
    put_when(f, w, s);
}

static void put_stage(FILE *f, const World *w, int number) {
    const Unit *s = &w->stages[number];
    fprintf(f, "  ## Stage %d, %d.\n", number, s->tag);
    if (s->argument) {
        fprintf(f, "  stage s%d = plug%d(arg: \"g%d\") {\n", number, number, s->argument);
        put_attributes(f, w, s);
    } else {
        fprintf(f, "  stage s%d {\n", number);
        put_attributes(f, w, s);
        put_ins(f, w, s);
        if (s->body == BODY_VALUE) {
            put_value(f, s);
        } else {
            put_out(f, s);
        }
        put_body(f, w, s, number);
    }
    fputs("  }\n", f);
}

static void put_plugin(FILE *f, const World *w, int number) {
    const Unit *s = &w->stages[number];
    fprintf(f, "plugin plug%d(arg: string) {\n", number);
    put_ins(f, w, s);
    put_out(f, s);
    put_body(f, w, s, number);
    fputs("}\n", f);
}

static const char *port_of(const World *w, int stage) {
    return w->stages[stage].body == BODY_DOOR ? "a" : "o";
}

static void put_edges(FILE *f, const World *w, int number) {
    static const char *const texts[] = { "", "it != \"k\"", "it contains \"1\"", "it != \"1-k\"" };
    static const char *const files[] = { "", "it.name != \"f0.txt\"", "it.size > 4",
                                         "it.size > 8" };
    static const char *const on[] = { "success", "failure", "always" };
    const Unit *s = &w->stages[number];
    for (int i = 0; i < s->nins; i++) {
        const In *in = &s->ins[i];
        Kind kind = in_kind(w, in);
        if (in->from < 0) {
            continue;
        }
        fprintf(f, "  s%d.%s -> s%d.%c", in->from, port_of(w, in->from), number, 'a' + i);
        if (in->where > 0 && kind != KIND_DIR) {
            fprintf(f, " where %s", kind == KIND_TEXT ? texts[in->where] : files[in->where]);
        }
        fprintf(f, in->take ? " take %d\n" : "\n%.0d", in->take);
        if (in->join != JOIN_NOT) {
            fprintf(f, "  s%d.%s -> s%d.%c\n", in->other, port_of(w, in->other), number, 'a' + i);
        }
    }
    for (int i = 0; i < s->norders; i++) {
        fprintf(f, "  s%d => s%d on %s\n", s->orders[i], number, on[s->on[i]]);
    }
}

static void put_outputs(FILE *f, const World *w) {
    for (int i = 0; i < w->nstages; i++) {
        const Unit *s = &w->stages[i];
        bool list = s->depth + s->stream > 0;
        fprintf(f, "  output r%d: %s%s%s = <s%d.%s>\n", i, list ? "list<" : "", kind_words[s->kind],
                list ? ">" : "?", i, port_of(w, i));
    }
}

static void put_pipeline(FILE *f, const World *w) {
    for (int i = 0; i < w->comment; i++) {
        fputs("# a comment\n\n", f);
    }
    for (int i = 0; i < w->nstages; i++) {
        if (w->stages[i].body == BODY_SUB) {
            put_sub(f, &w->stages[i], i);
        }
        if (w->stages[i].argument) {
            put_plugin(f, w, i);
        }
    }
    fprintf(f,
            "pipeline p {\n  input t: string\n  input w: string\n  input f: file\n  input d: dir\n"
            "  config c: string = \"c%d\"\n  cacheable\n",
            w->config);
    for (int place = -MOST_STAGES; place <= MOST_STAGES; place++) {
        for (int i = 0; i < w->nstages; i++) {
            if (w->stages[i].place == place) {
                put_stage(f, w, i);
            }
        }
    }
    for (int i = 0; i < w->nstages; i++) {
        put_edges(f, w, i);
    }
    put_outputs(f, w);
    fputs("}\n", f);
}

const char *world_text(const World *w, Arena *arena) {
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    if (!f) {
        return "";
    }
    put_pipeline(f, w);
    fclose(f);
    const char *copy = arena_text(arena, text, n);
    free(text);
    return copy;
}
