/*
 * graph_svg.c - the graph as a drawing: boxes placed by layout.h, words as text, what is behind a box or
 * an arrow in its title.
 */
#include <string.h>

#include "report/graph.h"
#include "report/layout.h"
#include "report/markup.h"
#include "report/picture.h"

/* Pixels; widths of characters are those of wide sans-serif fonts, so that texts stay within boxes. */
enum { MARGIN = 16, PAD = 12, NAME_HEIGHT = 18, LINE_HEIGHT = 15, TITLE_HEIGHT = 30 };
static const double name_column = 8.0, line_column = 6.4, label_column = 5.7;
/* Columns of a line; labels of arrows, and how many arrows may say their ports. */
enum { MOST_NAME = 40, MOST_LINE = 44, MOST_LABEL = 34, FEW_ARROWS = 80, LABEL_HEIGHT = 14 };

const char graph_svg_style[] =
    ".dag{--ink:#1c2430;--dim:#5b6675;--line:#8a96a6;--box:#fff;--edge:#c3cbd6;--in:#eef4ff;"
    "--ok:#1a7f45;--bad:#c62f35;--warn:#a86a00;--run:#2563c9;--calm:#7b8696;--okbg:#edf8f0;"
    "--badbg:#fdeeee;--warnbg:#fff6e2;--runbg:#eef4ff;--calmbg:#f3f5f7;"
    "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}\n"
    "@media(prefers-color-scheme:dark){.dag{--ink:#e4e9f0;--dim:#9aa6b5;--line:#728094;"
    "--box:#1d242e;--edge:#3b4656;--in:#1b2a44;--ok:#57c785;--bad:#f47c80;--warn:#e5b04f;"
    "--run:#79a9f5;--calm:#8d99a9;--okbg:#16291e;--badbg:#361c1e;--warnbg:#2f2614;"
    "--runbg:#1a2740;--calmbg:#141a22}}\n"
    ".dag text{fill:var(--ink);text-anchor:middle}"
    ".dag .name{font-size:13px;font-weight:600}.dag .line{font-size:11px;fill:var(--dim)}"
    ".dag .label{font-size:10px;fill:var(--dim)}.dag .title{font-size:15px;font-weight:600;"
    "text-anchor:start}\n"
    ".dag rect{fill:var(--box);stroke:var(--edge);stroke-width:1.2}"
    ".dag .input rect,.dag .output rect{fill:var(--in)}"
    ".dag path{fill:none;stroke:var(--line);stroke-width:1.3}"
    ".dag .order path{stroke-dasharray:5 4}.dag .head{fill:var(--line);stroke:none}"
    ".dag .hit{stroke:transparent;stroke-width:9;stroke-dasharray:none}"
    ".dag g:hover>path:not(.hit){stroke:var(--run);stroke-width:2}"
    ".dag g:hover>rect{stroke:var(--run)}\n"
    ".dag .completed rect,.dag .cached rect{fill:var(--okbg);stroke:var(--ok)}"
    ".dag .cached rect{stroke-dasharray:4 3}"
    ".dag .failed rect,.dag .crashed rect{fill:var(--badbg);stroke:var(--bad);stroke-width:2}"
    ".dag .cancelled rect,.dag .paused rect{fill:var(--warnbg);stroke:var(--warn)}"
    ".dag .running rect{fill:var(--runbg);stroke:var(--run)}"
    ".dag .skipped rect,.dag .filtered rect,.dag .pending rect{fill:var(--calmbg);"
    "stroke:var(--calm);stroke-dasharray:2 3}\n"
    ".dag .completed .state,.dag .cached .state{fill:var(--ok)}"
    ".dag .failed .state,.dag .crashed .state{fill:var(--bad);font-weight:600}"
    ".dag .cancelled .state,.dag .paused .state{fill:var(--warn)}"
    ".dag .running .state{fill:var(--run)}\n";

typedef struct Svg {
    Arena *arena;
    Picture picture;
    const GraphLook *looks;
    Layout layout;
    TextBuffer out;
} Svg;

static void put(Svg *s, const char *text) {
    buffer_string(&s->out, text);
}

static const GraphLook *look_of(const Svg *s, const Box *box) {
    bool known = s->looks != NULL && box->kind == BOX_STAGE && s->looks[box->index].state != NULL;
    return known ? &s->looks[box->index] : NULL;
}

static const char *caption_of(const Svg *s, const Box *box) {
    const GraphLook *look = look_of(s, box);
    return look == NULL ? NULL : look->caption;
}

/* ---------------------------------------------------------------- sizes */

static double wider(double a, double b) {
    return a > b ? a : b;
}

static LayoutNode size_of(Svg *s, Box *box) {
    box->name = markup_short(s->arena, box->name, MOST_NAME);
    double w = (double)markup_columns(box->name) * name_column;
    double h = NAME_HEIGHT + 2 * PAD - 6;
    for (uint32_t i = 0; i < box->nlines; i++) {
        box->lines[i] = markup_short(s->arena, box->lines[i], MOST_LINE);
        w = wider(w, (double)markup_columns(box->lines[i]) * line_column);
        h += LINE_HEIGHT;
    }
    if (caption_of(s, box) != NULL) {
        w = wider(w, (double)markup_columns(caption_of(s, box)) * line_column);
        h += LINE_HEIGHT;
    }
    return (LayoutNode){ .w = wider(w + 2 * PAD, 70), .h = h };
}

typedef struct Label {
    const char *lines[2];
    uint32_t n;
} Label;

/* Ports, below them what limits them. In a large graph the ports are in the arrow's title alone. */
static Label label_of(Svg *s, const Arrow *arrow) {
    Label label = { .n = 0 };
    if (s->picture.narrows <= FEW_ARROWS && *arrow->ports != '\0') {
        label.lines[label.n++] = markup_short(s->arena, arrow->ports, MOST_LABEL);
    }
    if (*arrow->terms != '\0') {
        label.lines[label.n++] = markup_short(s->arena, arrow->terms, MOST_LABEL);
    }
    return label;
}

static double label_width(const Label *label) {
    double w = 0;
    for (uint32_t i = 0; i < label->n; i++) {
        w = wider(w, (double)markup_columns(label->lines[i]) * label_column);
    }
    return w;
}

static void lay_out(Svg *s) {
    Layout *l = &s->layout;
    l->nnodes = s->picture.nboxes;
    l->nedges = s->picture.narrows;
    l->nodes = ARENA_ARRAY(s->arena, l->nnodes, LayoutNode);
    l->edges = ARENA_ARRAY(s->arena, l->nedges, LayoutEdge);
    for (uint32_t i = 0; i < l->nnodes; i++) {
        l->nodes[i] = size_of(s, &s->picture.boxes[i]);
    }
    for (uint32_t i = 0; i < l->nedges; i++) {
        const Arrow *arrow = &s->picture.arrows[i];
        Label label = label_of(s, arrow);
        l->edges[i] = (LayoutEdge){ .from = arrow->from,
                                    .to = arrow->to,
                                    .w = label_width(&label),
                                    .h = label.n * LABEL_HEIGHT };
    }
    layout_place(s->arena, l);
}

/* ---------------------------------------------------------------- drawing */

static void put_title(Svg *s, const char *text) {
    put(s, "<title>");
    markup_string(&s->out, text);
    put(s, "</title>");
}

static void put_words(Svg *s, const char *class, double x, double y, const char *text) {
    markup_format(&s->out, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">", class, x, y);
    markup_string(&s->out, text);
    put(s, "</text>");
}

static void put_box(Svg *s, uint32_t i) {
    static const char *const kinds[] = { "input", "stage", "output" };
    const Box *box = &s->picture.boxes[i];
    const LayoutNode *node = &s->layout.nodes[i];
    const GraphLook *look = look_of(s, box);
    markup_format(&s->out, "<g class=\"%s %s\">", kinds[box->kind], look ? look->state : "");
    put_title(s, box->tip);
    markup_format(&s->out,
                  "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"%.1f\"/>",
                  node->x - node->w / 2, node->y - node->h / 2, node->w, node->h,
                  box->kind == BOX_STAGE ? 6.0 : node->h / 2);
    double y = node->y - node->h / 2 + PAD + 9;
    put_words(s, "name", node->x, y, box->name);
    for (uint32_t k = 0; k < box->nlines; k++) {
        y += k == 0 ? LINE_HEIGHT + 2 : LINE_HEIGHT;
        put_words(s, "line", node->x, y, box->lines[k]);
    }
    if (caption_of(s, box) != NULL) {
        put_words(s, "line state", node->x, y + LINE_HEIGHT + 2, look->caption);
    }
    put(s, "</g>\n");
}

/* Curves that leave and enter downwards; straight lines within a layer. */
static const char *way_text(Svg *s, const LayoutEdge *edge) {
    TextBuffer d = { .arena = s->arena };
    const LayoutPoint *p = edge->points;
    markup_format(&d, "M%.1f %.1f", p[0].x, p[0].y);
    for (uint32_t i = 1; i < edge->npoints; i++) {
        double middle = (p[i - 1].y + p[i].y) / 2;
        if (i % 2 == 0) {
            markup_format(&d, "V%.1f", p[i].y);
        } else {
            markup_format(&d, "C%.1f %.1f %.1f %.1f %.1f %.1f", p[i - 1].x, middle, p[i].x, middle,
                          p[i].x, p[i].y);
        }
    }
    return buffer_end(&d);
}

static void put_arrow(Svg *s, uint32_t i) {
    const Arrow *arrow = &s->picture.arrows[i];
    const LayoutEdge *edge = &s->layout.edges[i];
    const LayoutPoint *end = &edge->points[edge->npoints - 1];
    const char *way = way_text(s, edge);
    put(s, arrow->order ? "<g class=\"order\">" : "<g class=\"data\">");
    put_title(s, arrow->tip);
    markup_format(&s->out, "<path class=\"hit\" d=\"%s\"/><path d=\"%s\"/>", way, way);
    markup_format(&s->out, "<path class=\"head\" d=\"M%.1f %.1fl-3.6 -7.5h7.2z\"/></g>\n", end->x,
                  end->y);
}

static void put_label(Svg *s, uint32_t i) {
    const LayoutEdge *edge = &s->layout.edges[i];
    if (edge->h == 0 || edge->npoints <= 2) {
        return;
    }
    Label label = label_of(s, &s->picture.arrows[i]);
    double w = edge->w + 2, top = edge->label.y - edge->h / 2;
    markup_format(&s->out,
                  "<rect class=\"gap\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.0f\"/>",
                  edge->label.x - w / 2, top, w, edge->h);
    for (uint32_t k = 0; k < label.n; k++) {
        put_words(s, "label", edge->label.x, top + LABEL_HEIGHT * k + 10.5, label.lines[k]);
    }
    put(s, "\n");
}

static void put_graph(Svg *s, double top) {
    markup_format(&s->out, "<g transform=\"translate(%d %.1f)\">\n", MARGIN, MARGIN + top);
    for (uint32_t i = 0; i < s->picture.narrows; i++) {
        put_arrow(s, i);
    }
    for (uint32_t i = 0; i < s->picture.narrows; i++) {
        put_label(s, i);
    }
    for (uint32_t i = 0; i < s->picture.nboxes; i++) {
        put_box(s, i);
    }
    put(s, "</g></svg>\n");
}

/* The element, up to what is drawn. Its title is said aloud, and shown at the top where it stands alone. */
static void put_head(Svg *s, double top) {
    double title = top > 0 ? (double)markup_columns(s->picture.name) * 9.5 : 0;
    double width = wider(s->layout.width, title) + 2 * MARGIN;
    double height = s->layout.height + 2 * MARGIN + top;
    markup_format(&s->out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"dag\" width=\"%.0f\" "
                  "height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" role=\"img\">\n",
                  width, height, width, height);
    put_title(s, *s->picture.doc != '\0' ? s->picture.doc : s->picture.name);
}

static Svg svg_of(Arena *arena, const dag_program *program, const GraphLook *looks) {
    Svg s = { .arena = arena,
              .picture = picture_of(arena, program),
              .looks = looks,
              .out = { .arena = arena } };
    lay_out(&s);
    return s;
}

const char *graph_svg_inline(Arena *arena, const dag_program *program, const GraphLook *looks) {
    Svg s = svg_of(arena, program, looks);
    put_head(&s, 0);
    put_graph(&s, 0);
    return buffer_end(&s.out);
}

const char *graph_svg(Arena *arena, const dag_program *program, const GraphLook *looks) {
    Svg s = svg_of(arena, program, looks);
    put_head(&s, TITLE_HEIGHT);
    put(&s, "<style>");
    put(&s, graph_svg_style);
    put(&s, "svg{background:#fff}@media(prefers-color-scheme:dark){svg{background:#12171e}}"
            ".gap{fill:#fff!important;stroke:none!important}"
            "@media(prefers-color-scheme:dark){.gap{fill:#12171e!important}}</style>\n");
    put_words(&s, "title", MARGIN, MARGIN + 12, s.picture.name);
    put(&s, "\n");
    put_graph(&s, TITLE_HEIGHT);
    return buffer_end(&s.out);
}
