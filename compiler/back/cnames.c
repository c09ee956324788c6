/*
 * cnames.c - names of C things.
 */
#include "back/cnames.h"
#include "model/native.h"

#include <ctype.h>
#include <string.h>

/* ---------------------------------------------------------------- what is C's own */

/* Keywords of C11, C23 and GNU C, of C++20 (headers are for both), and macros that GNU modes define in
 * lower case. */
static const char *const keywords[] = {
    "alignas",     "alignof",
    "and",         "and_eq",
    "asm",         "auto",
    "bitand",      "bitor",
    "bool",        "break",
    "case",        "catch",
    "char",        "char16_t",
    "char32_t",    "char8_t",
    "class",       "co_await",
    "co_return",   "co_yield",
    "compl",       "concept",
    "const",       "const_cast",
    "consteval",   "constexpr",
    "constinit",   "continue",
    "decltype",    "default",
    "delete",      "do",
    "double",      "dynamic_cast",
    "else",        "enum",
    "errno",       "explicit",
    "export",      "extern",
    "false",       "float",
    "for",         "friend",
    "goto",        "i386",
    "if",          "inline",
    "int",         "linux",
    "long",        "mutable",
    "namespace",   "new",
    "noexcept",    "not",
    "not_eq",      "nullptr",
    "operator",    "or",
    "or_eq",       "private",
    "protected",   "public",
    "register",    "reinterpret_cast",
    "requires",    "restrict",
    "return",      "short",
    "signed",      "sizeof",
    "static",      "static_assert",
    "static_cast", "struct",
    "switch",      "template",
    "this",        "thread_local",
    "throw",       "true",
    "try",         "typedef",
    "typeid",      "typename",
    "typeof",      "typeof_unqual",
    "union",       "unix",
    "unsigned",    "using",
    "virtual",     "void",
    "volatile",    "wchar_t",
    "while",       "xor",
    "xor_eq",      NULL,
};

/* Words that the headers of generated code declare, that compilers know as functions, or that are
 * parameters of native functions. */
static const char *const taken[] = {
    "abort",     "abs",       "acos",        "acosh",       "alloca",    "asin",        "asinh",
    "atan",      "atan2",     "atanh",       "atexit",      "atof",      "atoi",        "atol",
    "atoll",     "bcmp",      "bcopy",       "bsearch",     "bzero",     "cabs",        "cacos",
    "calloc",    "carg",      "casin",       "catan",       "cbrt",      "ccos",        "ceil",
    "cexp",      "cimag",     "cJSON",       "clearenv",    "clog",      "clz",         "conj",
    "copysign",  "cos",       "cosh",        "cpow",        "cproj",     "creal",       "csin",
    "csqrt",     "ctan",      "ctermid",     "ctx",         "div",       "div_t",       "dprintf",
    "drem",      "ecvt",      "erf",         "erfc",        "execl",     "execlp",      "execv",
    "execvp",    "exit",      "exp",         "exp10",       "exp2",      "expm1",       "fabs",
    "fclose",    "fcvt",      "fdim",        "fdopen",      "feof",      "ferror",      "fflush",
    "ffs",       "fgetc",     "fgetpos",     "fgets",       "fileno",    "floor",       "fma",
    "fmax",      "fmin",      "fmod",        "fopen",       "fork",      "fprintf",     "fputc",
    "fputs",     "fread",     "free",        "freopen",     "frexp",     "fscanf",      "fseek",
    "fseeko",    "fsetpos",   "ftell",       "ftello",      "fwrite",    "gamma",       "gcvt",
    "getc",      "getchar",   "getdelim",    "getenv",      "getline",   "getloadavg",  "gets",
    "getsubopt", "getw",      "gettext",     "hypot",       "ilogb",     "imaxabs",     "in",
    "index",     "initstate", "int16_t",     "int32_t",     "int64_t",   "int8_t",      "intmax_t",
    "intptr_t",  "isalnum",   "isalpha",     "isascii",     "isblank",   "iscntrl",     "isdigit",
    "isfinite",  "isgraph",   "isinf",       "islower",     "isnan",     "isnormal",    "isprint",
    "ispunct",   "isspace",   "isupper",     "isxdigit",    "j0",        "j1",          "jn",
    "labs",      "ldexp",     "ldiv",        "ldiv_t",      "lgamma",    "llabs",       "lldiv",
    "llrint",    "llround",   "log",         "log10",       "log1p",     "log2",        "logb",
    "lrand48",   "lrint",     "lround",      "main",        "malloc",    "max_align_t", "mblen",
    "mbstowcs",  "mbtowc",    "memccpy",     "memchr",      "memcmp",    "memcpy",      "memmem",
    "memmove",   "mempcpy",   "memset",      "mkdtemp",     "mkstemp",   "mktemp",      "modf",
    "mrand48",   "nan",       "nearbyint",   "nextafter",   "offsetof",  "out",         "pclose",
    "perror",    "popen",     "pow",         "pow10",       "printf",    "ptrdiff_t",   "putc",
    "putchar",   "putenv",    "puts",        "putw",        "qsort",     "quick_exit",  "rand",
    "rand_r",    "random",    "realloc",     "realpath",    "remainder", "remove",      "remquo",
    "rename",    "renameat",  "rewind",      "rindex",      "rint",      "round",       "scalb",
    "scalbn",    "scanf",     "setbuf",      "setbuffer",   "setenv",    "setlinebuf",  "setstate",
    "setvbuf",   "signbit",   "significand", "sin",         "sincos",    "sinh",        "size_t",
    "snprintf",  "sprintf",   "sqrt",        "srand",       "srandom",   "sscanf",      "ssize_t",
    "stderr",    "stdin",     "stdout",      "stpcpy",      "stpncpy",   "strcasecmp",  "strcat",
    "strchr",    "strcmp",    "strcoll",     "strcpy",      "strcspn",   "strdup",      "strerror",
    "strfmon",   "strftime",  "strlen",      "strncasecmp", "strncat",   "strncmp",     "strncpy",
    "strndup",   "strnlen",   "strpbrk",     "strrchr",     "strsep",    "strsignal",   "strspn",
    "strstr",    "strtod",    "strtof",      "strtok",      "strtol",    "strtold",     "strtoll",
    "strtoul",   "strtoull",  "strxfrm",     "swab",        "system",    "tan",         "tanh",
    "tempnam",   "tgamma",    "tmpfile",     "tmpnam",      "toascii",   "tolower",     "toupper",
    "trunc",     "uint16_t",  "uint32_t",    "uint64_t",    "uint8_t",   "uintmax_t",   "uintptr_t",
    "ungetc",    "unsetenv",  "valloc",      "vdprintf",    "vfork",     "vfprintf",    "vfscanf",
    "vprintf",   "vscanf",    "vsnprintf",   "vsprintf",    "vsscanf",   "wchar_t",     "wcstombs",
    "wctomb",    "y0",        "y1",          "yn",          "BUFSIZ",    "EOF",         "FILE",
    "NULL",      NULL,
};

static bool is_listed(const char *const *list, const char *text, size_t n) {
    for (; *list; list++) {
        if (strncmp(*list, text, n) == 0 && (*list)[n] == '\0') {
            return true;
        }
    }
    return false;
}

static bool is_reserved(const char *name) {
    return name[0] == '_' || strncmp(name, "dag_", 4) == 0 || strncmp(name, "DAG_", 4) == 0 ||
           is_listed(keywords, name, strlen(name)) || is_listed(taken, name, strlen(name));
}

/* ---------------------------------------------------------------- making names */

/* With an underscore for each byte that no identifier has. */
static char *identifier(Arena *arena, const char *name) {
    size_t n = name ? strlen(name) : 0;
    bool digit = n > 0 && isdigit((unsigned char)name[0]);
    char *text = arena_printf(arena, "%s%s", digit || n == 0 ? "x" : "", n ? name : "");
    for (char *c = text; *c; c++) {
        if (!isalnum((unsigned char)*c) || (unsigned char)*c >= 0x80) {
            *c = '_';
        }
    }
    return text;
}

/* Injective on identifiers: a keyword with k underscores becomes the one with k + 1. */
const char *cname_member(Arena *arena, const char *name) {
    char *text = identifier(arena, name);
    size_t n = strlen(text);
    while (n > 0 && text[n - 1] == '_') {
        n--;
    }
    return is_listed(keywords, text, n) ? arena_printf(arena, "%s_", text) : text;
}

static bool is_used(const CNames *names, const char *name) {
    return table_get(names->used, NULL, intern(names->names, name, strlen(name)));
}

static void use(CNames *names, const char *name) {
    const char *key = intern(names->names, name, strlen(name));
    table_put(names->used, NULL, key, names);
}

/* The wish, with underscores behind it until nothing else has that name. */
static const char *unique(CNames *names, const char *wish, bool own) {
    while (is_used(names, wish) || (!own && is_reserved(wish))) {
        wish = arena_printf(names->arena, "%s_", wish);
    }
    use(names, wish);
    return wish;
}

/* The same for names of types: Probe, Probe_2, Probe_3. */
static const char *unique_type(CNames *names, const char *wish) {
    const char *name = wish;
    for (unsigned i = 2; is_used(names, name) || is_reserved(name); i++) {
        name = arena_printf(names->arena, "%s_%u", wish, i);
    }
    use(names, name);
    return name;
}

/* ---------------------------------------------------------------- types */

static const char *pointer_to(CNames *names, const char *spelled) {
    bool pointer = spelled[strlen(spelled) - 1] == '*';
    return arena_printf(names->arena, pointer ? "%sconst *" : "const %s *", spelled);
}

/* The word for a type inside of other names: list_WORD. */
static const char *type_word(CNames *names, const Type *type) {
    switch (type->kind) {
    case DAG_BOOL: return "bool";
    case DAG_INT: return "int";
    case DAG_FLOAT: return "float";
    case DAG_STRING: return "string";
    case DAG_DURATION: return "duration";
    case DAG_SIZE: return "size";
    case DAG_FILE: return "file";
    case DAG_DIR: return "dir";
    case DAG_SECRET: return "secret";
    case DAG_ENUM: return type->name ? identifier(names->arena, type->name) : "enum";
    case DAG_OPTIONAL: return arena_printf(names->arena, "opt_%s", type_word(names, type->elem));
    case DAG_LIST:
    case DAG_MAP:
    case DAG_RECORD: return cnames_type(names, type);
    case DAG_NULL: return "null";
    default: return "json";
    }
}

static const char *spell(CNames *names, const Type *type);

static CType *define(CNames *names, const Type *type, const char *name) {
    POOL_ADD(names->arena, &names->types, (CType){ .type = type, .name = name });
    return &names->types.items[names->types.n - 1];
}

/* The constants of an enum; `place` stands for the name that it has not. */
static void define_enum(CNames *names, const Type *type, const char *place) {
    const char *begin = type->name ? identifier(names->arena, type->name) : place;
    const char **constants = ARENA_ARRAY(names->arena, type->nfields, const char *);
    for (uint32_t i = 0; i < type->nfields; i++) {
        const char *wish = arena_printf(names->arena, "%s_%s", begin,
                                        identifier(names->arena, type->fields[i].name));
        constants[i] = unique(names, wish, false);
    }
    define(names, type, begin)->names = constants;
}

/* The enum without a name that a type consists of, or that is in its lists. */
static const Type *nameless_enum(const Type *type) {
    while (type->elem) {
        type = type->elem;
    }
    return type->kind == DAG_ENUM && !type->name ? type : NULL;
}

static const char *record_name(CNames *names, const Type *type) {
    if (type->name) {
        return identifier(names->arena, type->name);
    }
    const char *name = "record";
    for (uint32_t i = 0; i < type->nfields && i < 6; i++) { /* enough to tell them apart */
        name = arena_printf(names->arena, "%s_%s", name,
                            identifier(names->arena, type->fields[i].name));
    }
    return name;
}

static const char *spell_record(CNames *names, const Type *type) {
    const char *name = unique_type(names, record_name(names, type));
    const char **members = ARENA_ARRAY(names->arena, type->nfields, const char *);
    for (uint32_t i = 0; i < type->nfields; i++) {
        const Type *field = type->fields[i].type;
        spell(names, field);
        members[i] = cname_member(names->arena, type->fields[i].name);
        if (nameless_enum(field)) {
            define_enum(names, nameless_enum(field),
                        arena_printf(names->arena, "%s_%s", name, members[i]));
        }
    }
    define(names, type, name)->names = members;
    return name;
}

/* list_int: once for all types that look the same in C under that name. */
static const char *spell_list(CNames *names, const Type *type) {
    spell(names, type->elem);
    const char *wish = arena_printf(names->arena, "%s_%s", type->kind == DAG_LIST ? "list" : "map",
                                    type_word(names, type->elem));
    wish = intern(names->names, wish, strlen(wish));
    const char *known = table_get(names->defined, NULL, wish);
    if (known) {
        return known;
    }
    const char *name = unique_type(names, wish);
    table_put(names->defined, NULL, wish, (void *)name);
    define(names, type, name);
    return name;
}

static const char *spell_optional(CNames *names, const Type *type) {
    const char *elem = spell(names, type->elem);
    bool pointer = elem[strlen(elem) - 1] == '*'; /* text, json: NULL says it all */
    return pointer ? elem : pointer_to(names, elem);
}

static const char *spell_new(CNames *names, const Type *type) {
    switch (type->kind) {
    case DAG_BOOL: return "bool";
    case DAG_INT:
    case DAG_DURATION:
    case DAG_SIZE: return "int64_t";
    case DAG_FLOAT: return "double";
    case DAG_STRING:
    case DAG_FILE:
    case DAG_DIR:
    case DAG_SECRET: return "const char *";
    case DAG_ENUM:
        if (type->name) {
            define_enum(names, type, NULL);
        }
        return "int";
    case DAG_RECORD: return spell_record(names, type);
    case DAG_LIST:
    case DAG_MAP: return spell_list(names, type);
    case DAG_OPTIONAL: return spell_optional(names, type);
    default: names->json = true; return "const cJSON *";
    }
}

static const char *spell(CNames *names, const Type *type) {
    const char *known = cnames_type(names, type);
    if (!known) {
        known = spell_new(names, type);
        table_put(names->spelled, NULL, type, (void *)known);
    }
    return known;
}

const char *cnames_type(const CNames *names, const Type *type) {
    return type ? table_get(names->spelled, NULL, type) : NULL;
}

const CType *cnames_record(const CNames *names, const Type *type) {
    uintptr_t number = (uintptr_t)table_get(names->defined, names, type);
    return number ? &names->types.items[number - 1] : NULL;
}

/* ---------------------------------------------------------------- native stages */

static bool emits(const Port *port) {
    return port->stream && !port->value;
}

/* Instances of one plugin have the same body; with the same types they have all in common. */
static CNative *find_like(CNames *names, const NativeCode *code) {
    Span span = code->body->span;
    const void *scope = (void *)((uintptr_t)span.file + 1);
    CNative *first = table_get(names->bodies, scope, (void *)((uintptr_t)span.start + 1));
    if (!first || !code->stage->item || !code->stage->item->u.stage.plugin.name.text) {
        return NULL;
    }
    return native_shares(first->code->stage, code->stage) ? first : NULL;
}

static void remember_body(CNames *names, CNative *native) {
    Span span = native->code->body->span;
    const void *scope = (void *)((uintptr_t)span.file + 1);
    table_add(names->bodies, scope, (void *)((uintptr_t)span.start + 1), native);
}

static const char *suffixed(CNames *names, const char *base, const char *suffix) {
    return unique(names, arena_printf(names->arena, "%s_%s", base, suffix), false);
}

static const char *emit_name(CNames *names, const char *base, const Port *port) {
    const char *wish = arena_printf(names->arena, "dag_emit_%s_%s", base,
                                    identifier(names->arena, port->name.text));
    return unique(names, wish, true);
}

static const char **emit_names(CNames *names, const char *base, const Stage *stage) {
    const char **list = ARENA_ARRAY(names->arena, stage->nouts, const char *);
    for (uint32_t i = 0; i < stage->nouts; i++) {
        list[i] = emits(stage->outs[i]) ? emit_name(names, base, stage->outs[i]) : NULL;
    }
    return list;
}

static void spell_as(CNames *names, const char *base, const char *name, const Type *type) {
    spell(names, type);
    if (nameless_enum(type)) {
        const char *place =
            arena_printf(names->arena, "%s_%s", base, identifier(names->arena, name));
        define_enum(names, nameless_enum(type), place);
    }
}

static void spell_port(CNames *names, const char *base, const Port *port) {
    spell_as(names, base, port->name.text, port->type);
}

/* Inputs and outputs of a pipeline in a library. */
static void spell_embedded(CNames *names, const Pipeline *pipeline) {
    static const char *const parts[] = { "inputs", "outputs", "run", "free" };
    const char *base = names->embed = identifier(names->arena, pipeline->name.text);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        use(names, arena_printf(names->arena, "%s_%s", base, parts[i]));
    }
    for (uint32_t i = 0; i < pipeline->ninputs; i++) {
        spell_as(names, base, pipeline->inputs[i]->name.text, pipeline->inputs[i]->type);
    }
    for (uint32_t i = 0; i < pipeline->noutputs; i++) {
        spell_as(names, base, pipeline->outputs[i]->name.text, pipeline->outputs[i]->type);
    }
}

static void spell_ports(CNames *names, const CNative *native) {
    const Stage *stage = native->code->stage;
    for (uint32_t i = 0; i < stage->nins; i++) {
        if (native_has_member(stage, stage->ins[i])) {
            spell_port(names, native->base, stage->ins[i]);
        }
    }
    for (uint32_t i = 0; i < stage->nouts; i++) {
        if (native_has_member(stage, stage->outs[i]) || emits(stage->outs[i])) {
            spell_port(names, native->base, stage->outs[i]);
        }
    }
}

/* Is `base` free for all names that are made of it? */
static bool base_is_free(CNames *names, const char *base) {
    return !is_used(names, arena_printf(names->arena, "%s_in", base)) &&
           !is_used(names, arena_printf(names->arena, "%s_out", base));
}

/* Plugin or stage; where another pipeline has one of that name, with this one's name before it. */
static const char *native_base(CNames *names, const Graph *graph, const NativeCode *code) {
    const Stage *stage = code->stage;
    const char *plugin = stage->item ? stage->item->u.stage.plugin.name.text : NULL;
    const char *slug = identifier(names->arena, stage->slug.text);
    const char *base = plugin ? identifier(names->arena, plugin) : slug;
    if (!base_is_free(names, base)) {
        base = slug;
    }
    if (!base_is_free(names, base)) {
        base = arena_printf(names->arena, "%s_%s",
                            identifier(names->arena, graph->pipeline->name.text), slug);
    }
    return base;
}

/* The stage's own names for what the plugin's names stand for. */
static void name_aliases(CNames *names, CNative *native) {
    const char *slug = identifier(names->arena, native->code->stage->slug.text);
    if (strcmp(slug, native->base) != 0 && base_is_free(names, slug)) {
        native->alias_in = suffixed(names, slug, "in");
        native->alias_out = suffixed(names, slug, "out");
        native->alias_emits = emit_names(names, slug, native->code->stage);
    }
}

static void name_native(CNames *names, CNative *native) {
    const NativeCode *code = native->code;
    const CNative *like = find_like(names, code);
    if (like) {
        const char *alias = NULL;
        *native = *like;
        native->code = code;
        native->like = like;
        native->alias_in = native->alias_out = alias;
        native->alias_emits = NULL;
    } else {
        native->base = native_base(names, native->graph, code);
        native->in = suffixed(names, native->base, "in");
        native->out = suffixed(names, native->base, "out");
        native->function = code->function ? code->function : suffixed(names, native->base, "body");
        native->call = suffixed(names, native->base, "call");
        native->emits = emit_names(names, native->base, code->stage);
        spell_ports(names, native);
        remember_body(names, native);
        names->inlines |= !code->function;
    }
    name_aliases(names, native);
}

/* ---------------------------------------------------------------- graphs */

static bool is_listed_graph(const CNames *names, const Graph *graph) {
    return table_get(names->used, names, graph);
}

static void list_graph(CNames *names, const Graph *graph) {
    if (is_listed_graph(names, graph)) {
        return;
    }
    table_put(names->used, names, graph, names);
    for (uint32_t i = 0; i < graph->nsubs; i++) {
        list_graph(names, graph->subs[i]);
    }
    CNative *natives = ARENA_ARRAY(names->arena, graph->nnatives, CNative);
    for (uint32_t i = 0; i < graph->nnatives; i++) {
        natives[i] = (CNative){ .graph = graph, .code = &graph->natives[i] };
    }
    POOL_ADD(names->arena, &names->graphs, (CGraph){ .graph = graph, .natives = natives });
}

/* The user's functions are called what they are called. */
static void use_functions(CNames *names) {
    for (uint32_t i = 0; i < names->graphs.n; i++) {
        const Graph *graph = names->graphs.items[i].graph;
        for (uint32_t k = 0; k < graph->nnatives; k++) {
            if (graph->natives[k].function) {
                use(names, graph->natives[k].function);
            }
        }
    }
}

static const char *const tables[] = {
    "types", "fields",     "consts",    "code",   "exprs",      "axes",   "stages", "topo",
    "ports", "edges",      "out_edges", "orders", "out_orders", "pieces", "env",    "resources",
    "tags",  "exit_codes", "natives",   "inputs", "outputs",    "hooks",  "subs",   "program",
};

/* A prefix with which all tables of a graph have free names. */
static const char *table_prefix(CNames *names, const Graph *graph) {
    const char *prefix = identifier(names->arena, graph->pipeline->name.text);
    size_t i = 0;
    while (i < sizeof tables / sizeof *tables) {
        if (is_used(names, arena_printf(names->arena, "%s_%s", prefix, tables[i++]))) {
            prefix = arena_printf(names->arena, "%s_", prefix);
            i = 0;
        }
    }
    for (i = 0; i < sizeof tables / sizeof *tables; i++) {
        use(names, arena_printf(names->arena, "%s_%s", prefix, tables[i]));
    }
    return prefix;
}

/* The main pipeline's natives get the plain names, then those that it calls. */
static void name_all(CNames *names) {
    const Graph *main = names->graphs.items[names->graphs.n - 1].graph;
    if (main->embedded) {
        spell_embedded(names, main->pipeline);
    }
    for (uint32_t i = names->graphs.n; i-- > 0 && !names->outside;) {
        const CGraph *graph = &names->graphs.items[i];
        for (uint32_t k = 0; k < graph->graph->nnatives; k++) {
            name_native(names, &graph->natives[k]);
        }
    }
    for (uint32_t i = names->graphs.n; i-- > 0;) {
        names->graphs.items[i].prefix = table_prefix(names, names->graphs.items[i].graph);
    }
    for (uint32_t i = 0; i < names->types.n; i++) {
        const Type *type = names->types.items[i].type;
        table_put(names->defined, names, type, (void *)((uintptr_t)i + 1));
    }
}

static CNames *make(Front *front, const Graph *graph, bool outside) {
    CNames *names = ARENA_NEW(&front->arena, CNames);
    names->arena = &front->arena;
    names->names = front->names;
    names->used = table_new(names->arena);
    names->spelled = table_new(names->arena);
    names->defined = table_new(names->arena);
    names->bodies = table_new(names->arena);
    const char *name = identifier(names->arena, graph->pipeline->name.text);
    names->file = arena_printf(names->arena, "%s.dag.c", name);
    names->guard = arena_printf(names->arena, "DAG_%s_H", name);
    names->outside = outside;
    list_graph(names, graph);
    use_functions(names);
    names->strings = unique(names, "strings", false);
    name_all(names);
    return names;
}

CNames *cnames_new(Front *front, const Graph *graph) {
    return make(front, graph, false);
}

CNames *cnames_outside(Front *front, const Graph *graph) {
    return make(front, graph, true);
}

const CGraph *cnames_graph(const CNames *names, const Graph *graph) {
    for (uint32_t i = 0; i < names->graphs.n; i++) {
        if (names->graphs.items[i].graph == graph) {
            return &names->graphs.items[i];
        }
    }
    return NULL;
}
