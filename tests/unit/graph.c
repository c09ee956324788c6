/*
 * graph.c - the graph for tools that draw, and the layout of our own drawing.
 */
#include <CUnit/CUnit.h>
#include <math.h>
#include <string.h>

#include "compiled.h"
#include "report/graph.h"
#include "report/layout_parts.h"
#include "report/markup.h"
#include "suites.h"

/* ---------------------------------------------------------------- layout */

static uint32_t random_below(uint64_t *seed, uint32_t n) {
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33) % n;
}

/* A graph without cycles: each edge goes to a later node. */
static Layout random_layout(Arena *arena, uint64_t *seed, uint32_t nodes, uint32_t edges) {
    Layout l = { .nnodes = nodes, .nedges = edges };
    l.nodes = ARENA_ARRAY(arena, nodes, LayoutNode);
    l.edges = ARENA_ARRAY(arena, edges, LayoutEdge);
    for (uint32_t i = 0; i < nodes; i++)
        l.nodes[i] = (LayoutNode){ .w = 40 + random_below(seed, 200), .h = 30 };
    for (uint32_t i = 0; i < edges; i++) {
        uint32_t from = random_below(seed, nodes - 1);
        uint32_t to = from + 1 + random_below(seed, nodes - 1 - from);
        l.edges[i] = (LayoutEdge){ .from = from, .to = to, .w = random_below(seed, 90), .h = 12 };
    }
    return l;
}

static bool apart(double x, double w, double y, double h, double x2, double w2, double y2,
                  double h2) {
    return fabs(x - x2) >= (w + w2) / 2 - 0.01 || fabs(y - y2) >= (h + h2) / 2 - 0.01;
}

static void check_boxes(const Layout *l) {
    for (uint32_t i = 0; i < l->nnodes; i++) {
        const LayoutNode *a = &l->nodes[i];
        CU_ASSERT(a->x - a->w / 2 >= -0.01 && a->x + a->w / 2 <= l->width + 0.01);
        CU_ASSERT(a->y - a->h / 2 >= -0.01 && a->y + a->h / 2 <= l->height + 0.01);
        for (uint32_t k = 0; k < i; k++) {
            const LayoutNode *b = &l->nodes[k];
            CU_ASSERT(apart(a->x, a->w, a->y, a->h, b->x, b->w, b->y, b->h));
        }
    }
}

static void check_labels(const Layout *l) {
    for (uint32_t i = 0; i < l->nedges; i++) {
        const LayoutEdge *a = &l->edges[i];
        for (uint32_t k = 0; k < l->nnodes; k++) {
            const LayoutNode *b = &l->nodes[k];
            CU_ASSERT(apart(a->label.x, a->w, a->label.y, a->h, b->x, b->w, b->y, b->h));
        }
        for (uint32_t k = 0; k < i; k++) {
            const LayoutEdge *b = &l->edges[k];
            CU_ASSERT(
                apart(a->label.x, a->w, a->label.y, a->h, b->label.x, b->w, b->label.y, b->h));
        }
    }
}

static void check_ways(const Layout *l) {
    for (uint32_t i = 0; i < l->nedges; i++) {
        const LayoutEdge *edge = &l->edges[i];
        const LayoutNode *from = &l->nodes[edge->from], *to = &l->nodes[edge->to];
        const LayoutPoint *first = edge->points, *last = &edge->points[edge->npoints - 1];
        CU_ASSERT(from->y < to->y);
        CU_ASSERT(edge->npoints % 2 == 0);
        CU_ASSERT_DOUBLE_EQUAL(first->y, from->y + from->h / 2, 0.01);
        CU_ASSERT_DOUBLE_EQUAL(last->y, to->y - to->h / 2, 0.01);
        CU_ASSERT(fabs(first->x - from->x) <= from->w / 2 && fabs(last->x - to->x) <= to->w / 2);
        for (uint32_t k = 1; k < edge->npoints; k++)
            CU_ASSERT(edge->points[k].y >= edge->points[k - 1].y);
    }
}

static void nothing_overlaps(void) {
    uint64_t seed = 7;
    for (uint32_t n = 2; n < 40; n++) {
        Arena arena = { 0 };
        Layout l = random_layout(&arena, &seed, n, random_below(&seed, 2 * n));
        layout_place(&arena, &l);
        check_boxes(&l);
        check_labels(&l);
        check_ways(&l);
        arena_free(&arena);
    }
}

static uint64_t crossings_of(Layout *l, Arena *arena) {
    Layers layers = layers_of(arena, l);
    layers_order(&layers);
    return layers_crossings(&layers);
}

static void crossings_are_counted_and_undone(void) {
    Arena arena = { 0 };
    LayoutNode nodes[4] = { { .w = 10, .h = 10 } };
    LayoutEdge crossed[2] = { { .from = 0, .to = 3 }, { .from = 1, .to = 2 } };
    LayoutEdge all[4] = { { .from = 0, .to = 2 },
                          { .from = 0, .to = 3 },
                          { .from = 1, .to = 2 },
                          { .from = 1, .to = 3 } };
    Layout l = { .nodes = nodes, .nnodes = 4, .edges = crossed, .nedges = 2 };
    Layers layers = layers_of(&arena, &l);
    CU_ASSERT_EQUAL(layers_crossings(&layers), 1);
    CU_ASSERT_EQUAL(crossings_of(&l, &arena), 0);
    l.edges = all;
    l.nedges = 4;
    CU_ASSERT_EQUAL(crossings_of(&l, &arena), 1); /* K2,2 cannot have less */
    arena_free(&arena);
}

/* A chain of 3000 with an edge from each to the last: drawn, though not every bend of it. */
static void large_graphs_stay_small(void) {
    Arena arena = { 0 };
    uint32_t n = 3000;
    Layout l = { .nnodes = n, .nedges = 2 * n - 2 };
    l.nodes = ARENA_ARRAY(&arena, n, LayoutNode);
    l.edges = ARENA_ARRAY(&arena, l.nedges, LayoutEdge);
    for (uint32_t i = 0; i < n; i++)
        l.nodes[i] = (LayoutNode){ .w = 50, .h = 20 };
    for (uint32_t i = 0; i + 1 < n; i++) {
        l.edges[2 * i] = (LayoutEdge){ .from = i, .to = i + 1 };
        l.edges[2 * i + 1] = (LayoutEdge){ .from = i, .to = n - 1 };
    }
    layout_place(&arena, &l);
    CU_ASSERT(arena.held < 16u << 20);
    CU_ASSERT_EQUAL(l.edges[1].npoints, 2); /* straight */
    CU_ASSERT(l.nodes[0].y < l.nodes[n - 1].y);
    arena_free(&arena);
}

/* ---------------------------------------------------------------- texts */

static const char *const program =
    "## Says \"</title>\" & \\n\n"
    "pipeline p {\n"
    "  input who: string = \"x\"  ## whose\n"
    "  ## Makes <things>\n"
    "  stage a { tags slow, gpu  kind k  out x: stream<int> = <[1]>  out s: string = <input.who> "
    "}\n"
    "  stage b { gate  in x: int  when x > 1 }\n"
    "  stage c { fan aggregate  in n: list<int>  out n: int = <n | length> }\n"
    "  stage d { run \"true\" }\n"
    "  a.x -> b.x where it != 2 and \"\\<|&%;`\" != \"\\\"\"\n"
    "  b.x -> c.n order by it desc take 3\n"
    "  c => d on failure\n"
    "  output n: int = <c.n>\n"
    "  output s: string = <a.s>\n}\n";

static void dot_escapes(void) {
    Compiled c = compiled_new(program);
    const char *dot = graph_dot(&c.front->arena, c.program);
    CU_ASSERT(text_has(dot, "digraph \"p\""));
    CU_ASSERT(text_has(dot, "tooltip=\"Says \\\"</title>\\\" &amp; \\\\n\""));
    CU_ASSERT(text_has(dot, "label=\"a\\nk · #slow #gpu\""));
    CU_ASSERT(text_has(dot, "each a.x\\ngate when x > 1"));
    CU_ASSERT(text_has(dot, "x where it != 2 and \\\"\\\\<|&amp;%;`\\\" != \\\"\\\\\\\"\\\"\""));
    CU_ASSERT(text_has(dot, "label=\"x → n order by it desc take 3\""));
    CU_ASSERT(text_has(dot, "n2 -> n3 [style=dashed, label=\"on failure\""));
    CU_ASSERT(text_has(dot, "label=\"who\\ninput: string\""));
    compiled_free(&c);
}

static void mermaid_escapes(void) {
    Compiled c = compiled_new(program);
    const char *text = graph_mermaid(&c.front->arena, c.program);
    CU_ASSERT(text_has(text, "flowchart TD\n"));
    CU_ASSERT(text_has(text, "  n0[\"a<br/>k · #35;slow #35;gpu\"]\n"));
    CU_ASSERT(text_has(text, "#34;#92;#60;#124;#38;#37;#59;#96;#34;"));
    CU_ASSERT(text_has(text, "  n2 -.->|\"on failure\"| n3\n"));
    CU_ASSERT(text_has(text, "(["));
    compiled_free(&c);
}

static void svg_escapes(void) {
    Compiled c = compiled_new(program);
    GraphLook looks[4] = { { .state = "failed", .caption = "1 failed" } };
    const char *svg = graph_svg(&c.front->arena, c.program, NULL);
    CU_ASSERT(text_has(svg, "<title>Says &quot;&lt;/title&gt;&quot; &amp; \\n</title>"));
    CU_ASSERT(text_has(svg, "<title>Makes &lt;things&gt;\n"));
    CU_ASSERT(text_has(svg, "on failure"));
    CU_ASSERT_FALSE(text_has(svg, "<script"));
    svg = graph_svg_inline(&c.front->arena, c.program, looks);
    CU_ASSERT(text_has(svg, "<g class=\"stage failed\">"));
    CU_ASSERT(text_has(svg, ">1 failed</text>"));
    compiled_free(&c);
}

static void markup_is_safe(void) {
    Arena arena = { 0 };
    TextBuffer out = { .arena = &arena };
    markup_text(&out, "a<b>&\"'\n\x1b\xff\0z", 12);
    CU_ASSERT_STRING_EQUAL(buffer_end(&out), "a&lt;b&gt;&amp;&quot;&#39;\n\xEF\xBF\xBD\xEF\xBF\xBD"
                                             "\xEF\xBF\xBDz");
    CU_ASSERT_STRING_EQUAL(markup_short(&arena, "abcdef", 6), "abcdef");
    CU_ASSERT_STRING_EQUAL(markup_short(&arena, "abcdefg", 6), "abcde…");
    CU_ASSERT_STRING_EQUAL(markup_short(&arena, "日本語", 4), "日…");
    CU_ASSERT_EQUAL(markup_columns("日本x"), 5);
    arena_free(&arena);
}

void suite_graph(void) {
    CU_pSuite suite = CU_add_suite("graph", NULL, NULL);
    CU_add_test(suite, "nothing overlaps", nothing_overlaps);
    CU_add_test(suite, "crossings", crossings_are_counted_and_undone);
    CU_add_test(suite, "large graphs", large_graphs_stay_small);
    CU_add_test(suite, "dot", dot_escapes);
    CU_add_test(suite, "mermaid", mermaid_escapes);
    CU_add_test(suite, "svg", svg_escapes);
    CU_add_test(suite, "markup", markup_is_safe);
}
