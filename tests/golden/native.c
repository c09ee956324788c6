/* The program of the pipeline `native`, made by dagcc from native.dag. */
#include "dag.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#line 25 "native.dag"
      #include <math.h>
#line 10 "native.dag.c"

enum { Mode_fast, Mode_careful };

enum { Size_unit_px, Size_unit_cm };

typedef struct Size {
    int64_t width; /* int */
    int64_t height; /* int */
    int unit; /* enum(px, cm) */
} Size;

typedef struct list_Size {
    const Size *items;
    size_t len;
} list_Size;

typedef struct map_string {
    const char *const *keys;
    const char *const *values;
    size_t len;
} map_string;

/* stage measure of native */
typedef struct measure_in {
    int mode; /* Mode */
} measure_in;

typedef struct measure_out {
    list_Size sizes; /* list<Size> */
    const int64_t *int_; /* int? */
    map_string notes; /* map<string> */
} measure_out;

static inline __attribute__((unused)) void dag_emit_measure_one(dag_ctx *ctx, Size value)
{
    dag_emit(ctx, 3, &value);
}

/* stage large of native */
typedef struct scaled_in {
    Size size; /* Size */
    double by; /* float */
} scaled_in;

typedef struct scaled_out {
    Size size; /* Size */
} scaled_out;

typedef scaled_in large_in;
typedef scaled_out large_out;

typedef scaled_in small_in;
typedef scaled_out small_out;

#define dag_emit_one dag_emit_measure_one
static int measure_body(dag_ctx *ctx, const measure_in *in, measure_out *out)
{
    (void)ctx, (void)in, (void)out;
#line 24 "native.dag"
         

      Size *size = dag_alloc(ctx, 2 * sizeof *size);
      size[0] = (Size){ 3, 4, Size_unit_px };
      size[1].width = (int64_t)floor(in->mode == Mode_fast ? 5.5 : 6.5);
      out->sizes = (list_Size){ size, 2 };
      out->int_ = &size[1].width;
      for (size_t i = 0; i < out->sizes.len; i++) dag_emit_one(ctx, out->sizes.items[i]);
    
#line 79 "native.dag.c"
    return 0;
}
#undef dag_emit_one

static int measure_call(dag_ctx *ctx, const void *in, void *out)
{
    return measure_body(ctx, in, out);
}

static int scaled_body(dag_ctx *ctx, const scaled_in *in, scaled_out *out)
{
    (void)ctx, (void)in, (void)out;
#line 9 "native.dag"
       
    out->size = in->size;
    out->size.width = (int64_t)((double)in->size.width * in->by);
  
#line 97 "native.dag.c"
    return 0;
}

static int scaled_call(dag_ctx *ctx, const void *in, void *out)
{
    return scaled_body(ctx, in, out);
}

/* Every text once: names are offsets. */
static const char strings[] =
    /* 0 */ "\0"
    /* 1 */ "mode\0"
    /* 6 */ "fast\0"
    /* 11 */ "careful\0"
    /* 19 */ "Mode\0"
    /* 24 */ "measure\0"
    /* 32 */ "input.mode\0"
    /* 43 */ "sizes\0"
    /* 49 */ "int\0"
    /* 53 */ "px\0"
    /* 56 */ "cm\0"
    /* 59 */ "enum(px, cm)\0"
    /* 72 */ "width\0"
    /* 78 */ "height\0"
    /* 85 */ "unit\0"
    /* 90 */ "Size\0"
    /* 95 */ "list<Size>\0"
    /* 106 */ "int\?\0"
    /* 111 */ "notes\0"
    /* 117 */ "string\0"
    /* 124 */ "map<string>\0"
    /* 136 */ "one\0"
    /* 140 */ "flags d0a66a65c7528968\n"
              "\n"
              "#include <math.h>\n"
              "Size *size = dag_alloc(ctx, 2 * sizeof *size);\n"
              "size[0] = (Size){ 3, 4, Size_unit_px };\n"
              "size[1].width = (int64_t)floor(in->mode == Mode_fast \? 5.5 : 6.5);\n"
              "out->sizes = (list_Size){ size, 2 };\n"
              "out->int_ = &size[1].width;\n"
              "for (size_t i = 0; i < out->sizes.len; i++) dag_emit_one(ctx, out->sizes.items[i]);\n\0"
    /* 486 */ "large\0"
    /* 492 */ "size\0"
    /* 497 */ "by\0"
    /* 500 */ "float\0"
    /* 506 */ "factor\0"
    /* 513 */ "flags d0a66a65c7528968\n"
              "\n"
              "out->size = in->size;\n"
              "out->size.width = (int64_t)((double)in->size.width * in->by);\n\0"
    /* 622 */ "small\0"
    /* 628 */ "measure.sizes\0"
    /* 642 */ "measure.int\0"
    /* 654 */ "measure.notes\0"
    /* 668 */ "large.size\0"
    /* 679 */ "small.size\0"
    /* 690 */ "native\0"
    /* 697 */ "native.dag\0";

static const dag_type native_types[] = {
    { .kind = DAG_ENUM, .elem = DAG_NONE, .n = 2, .size = sizeof(int), .align = _Alignof(int),
      .name = 19 /* Mode */ },
    { .kind = DAG_INT, .elem = DAG_NONE, .size = sizeof(int64_t), .align = _Alignof(int64_t),
      .name = 49 /* int */ },
    { .kind = DAG_ENUM, .elem = DAG_NONE, .first = 2, .n = 2, .size = sizeof(int),
      .align = _Alignof(int), .name = 59 /* enum(px, cm) */ },
    { .kind = DAG_RECORD, .elem = DAG_NONE, .first = 4, .n = 3, .size = sizeof(Size),
      .align = _Alignof(Size), .name = 90 /* Size */ },
    { .kind = DAG_LIST, .elem = 3, .size = sizeof(list_Size), .align = _Alignof(list_Size),
      .name = 95 /* list<Size> */ },
    { .kind = DAG_OPTIONAL, .elem = 1, .size = sizeof(const int64_t *),
      .align = _Alignof(const int64_t *), .name = 106 /* int? */ },
    { .kind = DAG_STRING, .elem = DAG_NONE, .size = sizeof(const char *),
      .align = _Alignof(const char *), .name = 117 /* string */ },
    { .kind = DAG_MAP, .elem = 6, .size = sizeof(map_string), .align = _Alignof(map_string),
      .name = 124 /* map<string> */ },
    { .kind = DAG_FLOAT, .elem = DAG_NONE, .size = sizeof(double), .align = _Alignof(double),
      .name = 500 /* float */ },
};

static const dag_field native_fields[] = {
    { .name = 6 /* fast */, .type = DAG_NONE },
    { .name = 11 /* careful */, .type = DAG_NONE },
    { .name = 53 /* px */, .type = DAG_NONE },
    { .name = 56 /* cm */, .type = DAG_NONE },
    { .name = 72 /* width */, .type = 1, .offset = offsetof(Size, width) },
    { .name = 78 /* height */, .type = 1, .offset = offsetof(Size, height) },
    { .name = 85 /* unit */, .type = 2, .offset = offsetof(Size, unit) },
};

static const dag_const native_consts[] = {
    { .kind = DAG_STRING, .len = 4, .u.text = 6 /* fast */ },
    { .kind = DAG_FLOAT, .u.f = 10.0 },
    { .kind = DAG_FLOAT, .u.f = 1.5 },
};

static const uint32_t native_code[] = {
    /* 0: fast */
    DAG_CODE(DAG_OP_CONST, 0 /* 'fast' */),
    /* 1: input.mode */
    DAG_CODE(DAG_OP_RUN, 0 /* mode */),
    /* 2: factor */
    DAG_CODE(DAG_OP_CONST, 1 /* 10.0 */),
    /* 3: factor */
    DAG_CODE(DAG_OP_CONST, 2 /* 1.5 */),
    /* 4: measure.sizes */
    DAG_CODE(DAG_OP_INPUT, 0 /* measure.sizes */),
    /* 5: measure.int */
    DAG_CODE(DAG_OP_INPUT, 0 /* measure.int */),
    /* 6: measure.notes */
    DAG_CODE(DAG_OP_INPUT, 0 /* measure.notes */),
    /* 7: large.size */
    DAG_CODE(DAG_OP_INPUT, 0 /* large.size */),
    /* 8: small.size */
    DAG_CODE(DAG_OP_INPUT, 0 /* small.size */),
};

static const dag_expr native_exprs[] = {
    { .n = 1, .type = 0, .line = 16, .column = 22, .source = 6 /* fast */ },
    { .first = 1, .n = 1, .type = 0, .line = 19, .column = 23, .source = 32 /* input.mode */ },
    { .first = 2, .n = 1, .type = 8, .line = 7, .column = 20, .source = 506 /* factor */ },
    { .first = 3, .n = 1, .type = 8, .line = 7, .column = 20, .source = 506 /* factor */ },
    { .first = 4, .n = 1, .type = 4, .line = 41, .column = 31, .source = 628 /* measure.sizes */ },
    { .first = 5, .n = 1, .type = 5, .line = 42, .column = 23, .source = 642 /* measure.int */ },
    { .first = 6, .n = 1, .type = 7, .line = 43, .column = 32, .source = 654 /* measure.notes */ },
    { .first = 7, .n = 1, .type = 4, .line = 44, .column = 31, .source = 668 /* large.size */ },
    { .first = 8, .n = 1, .type = 4, .line = 45, .column = 31, .source = 679 /* small.size */ },
};

static const dag_axis native_axes[] = {
    { .parent = DAG_NONE, .position = DAG_NONE },
    { .parent = 0, .position = 4, .depth = 1 },
};

static const dag_stage native_stages[] = {
    /* 0: stage measure, line 18 */
    { .slug = 24 /* measure */, .body = DAG_BODY_NATIVE, .fan = DAG_SINGLE, .nin = 1, .out = 1,
      .nout = 4, .when = DAG_NONE, .native = 0, .sub = DAG_NONE, .map_over = DAG_NONE, .line = 18 },
    /* 1: stage large, line 35 */
    { .slug = 486 /* large */, .body = DAG_BODY_NATIVE, .fan = DAG_SINGLE, .axis = 1, .in = 5,
      .nin = 2, .out = 7, .nout = 1, .when = DAG_NONE, .native = 1, .sub = DAG_NONE,
      .map_over = DAG_NONE, .line = 35 },
    /* 2: stage small, line 36 */
    { .slug = 622 /* small */, .body = DAG_BODY_NATIVE, .fan = DAG_SINGLE, .axis = 1, .in = 8,
      .nin = 2, .out = 10, .nout = 1, .when = DAG_NONE, .native = 2, .sub = DAG_NONE,
      .map_over = DAG_NONE, .line = 36 },
};

static const uint32_t native_topo[] = {
    0, 1, 2,
};

static const dag_port native_ports[] = {
    /* 0: in measure.mode: Mode, line 19 */
    { .name = 1 /* mode */, .stage = 0, .value = 1, .offset = offsetof(measure_in, mode),
      .line = 19 },
    /* 1: out measure.sizes: list<Size>, line 20 */
    { .name = 43 /* sizes */, .stage = 0, .type = 4, .value = DAG_NONE, .nedges = 1,
      .offset = offsetof(measure_out, sizes), .line = 20 },
    /* 2: out measure.int: int?, line 21 */
    { .name = 49 /* int */, .stage = 0, .type = 5, .value = DAG_NONE, .edge = 1, .nedges = 1,
      .offset = offsetof(measure_out, int_), .line = 21 },
    /* 3: out measure.notes: map<string>, line 22 */
    { .name = 111 /* notes */, .stage = 0, .type = 7, .value = DAG_NONE, .edge = 2, .nedges = 1,
      .offset = offsetof(measure_out, notes), .line = 22 },
    /* 4: out measure.one: Size, line 23 */
    { .name = 136 /* one */, .stage = 0, .type = 3, .axis = 1, .flags = DAG_PORT_STREAM,
      .value = DAG_NONE, .edge = 3, .nedges = 2, .offset = DAG_NONE, .line = 23 },
    /* 5: in large.size: Size, line 6 */
    { .name = 492 /* size */, .stage = 1, .type = 3, .axis = 1, .value = DAG_NONE, .nedges = 1,
      .offset = offsetof(scaled_in, size), .line = 6 },
    /* 6: in large.by: float, line 7 */
    { .name = 497 /* by */, .stage = 1, .type = 8, .value = 2, .offset = offsetof(scaled_in, by),
      .line = 7 },
    /* 7: out large.size: Size, line 8 */
    { .name = 492 /* size */, .stage = 1, .type = 3, .axis = 1, .value = DAG_NONE, .edge = 5,
      .nedges = 1, .offset = offsetof(scaled_out, size), .line = 8 },
    /* 8: in small.size: Size, line 6 */
    { .name = 492 /* size */, .stage = 2, .type = 3, .axis = 1, .value = DAG_NONE, .edge = 1,
      .nedges = 1, .offset = offsetof(scaled_in, size), .line = 6 },
    /* 9: in small.by: float, line 7 */
    { .name = 497 /* by */, .stage = 2, .type = 8, .value = 3, .offset = offsetof(scaled_in, by),
      .line = 7 },
    /* 10: out small.size: Size, line 8 */
    { .name = 492 /* size */, .stage = 2, .type = 3, .axis = 1, .value = DAG_NONE, .edge = 6,
      .nedges = 1, .offset = offsetof(scaled_out, size), .line = 8 },
    /* 11: for an output: measure.sizes: list<Size>, line 41 */
    { .name = 628 /* measure.sizes */, .stage = DAG_NONE, .type = 4, .flags = DAG_PORT_HIDDEN,
      .value = DAG_NONE, .edge = 2, .nedges = 1, .line = 41 },
    /* 12: for an output: measure.int: int?, line 42 */
    { .name = 642 /* measure.int */, .stage = DAG_NONE, .type = 5,
      .flags = DAG_PORT_HIDDEN | DAG_PORT_OPTIONAL, .value = DAG_NONE, .edge = 3, .nedges = 1,
      .line = 42 },
    /* 13: for an output: measure.notes: map<string>, line 43 */
    { .name = 654 /* measure.notes */, .stage = DAG_NONE, .type = 7, .flags = DAG_PORT_HIDDEN,
      .value = DAG_NONE, .edge = 4, .nedges = 1, .line = 43 },
    /* 14: for an output: large.size: list<Size>, line 44 */
    { .name = 668 /* large.size */, .stage = DAG_NONE, .type = 4, .axis = 1,
      .flags = DAG_PORT_LIST | DAG_PORT_HIDDEN, .value = DAG_NONE, .edge = 5, .nedges = 1,
      .line = 44 },
    /* 15: for an output: small.size: list<Size>, line 45 */
    { .name = 679 /* small.size */, .stage = DAG_NONE, .type = 4, .axis = 1,
      .flags = DAG_PORT_LIST | DAG_PORT_HIDDEN, .value = DAG_NONE, .edge = 6, .nedges = 1,
      .line = 45 },
};

static const dag_edge native_edges[] = {
    /* 0: measure.one -> large.size, line 38 */
    { .from = 4, .to = 5, .where = DAG_NONE, .order_by = DAG_NONE, .take = DAG_NONE, .line = 38 },
    /* 1: measure.one -> small.size, line 39 */
    { .from = 4, .to = 8, .where = DAG_NONE, .order_by = DAG_NONE, .take = DAG_NONE, .line = 39 },
    /* 2: measure.sizes -> measure.sizes, line 41 */
    { .from = 1, .to = 11, .where = DAG_NONE, .order_by = DAG_NONE, .take = DAG_NONE, .line = 41 },
    /* 3: measure.int -> measure.int, line 42 */
    { .from = 2, .to = 12, .where = DAG_NONE, .order_by = DAG_NONE, .take = DAG_NONE, .line = 42 },
    /* 4: measure.notes -> measure.notes, line 43 */
    { .from = 3, .to = 13, .where = DAG_NONE, .order_by = DAG_NONE, .take = DAG_NONE, .line = 43 },
    /* 5: large.size -> large.size, line 44 */
    { .from = 7, .to = 14, .where = DAG_NONE, .order_by = DAG_NONE, .take = DAG_NONE, .line = 44 },
    /* 6: small.size -> small.size, line 45 */
    { .from = 10, .to = 15, .where = DAG_NONE, .order_by = DAG_NONE, .take = DAG_NONE, .line = 45 },
};

static const uint32_t native_out_edges[] = {
    2, 3, 4, 0, 1, 5, 6,
};

static const dag_native native_natives[] = {
    { .call = measure_call, .in_size = sizeof(measure_in), .out_size = sizeof(measure_out),
      .digest = 140 /* flags d0a66a65c7528968  #include <math.h… */ },
    { .call = scaled_call, .in_size = sizeof(scaled_in), .out_size = sizeof(scaled_out),
      .digest = 513 /* flags d0a66a65c7528968  out->size = in->… */ },
    { .call = scaled_call, .in_size = sizeof(scaled_in), .out_size = sizeof(scaled_out),
      .digest = 513 /* flags d0a66a65c7528968  out->size = in->… */ },
};

static const dag_input native_inputs[] = {
    /* 0: input mode, line 16 */
    { .name = 1 /* mode */, .value = 0, .where = DAG_NONE, .line = 16 },
};

static const dag_output native_outputs[] = {
    /* 0: output sizes, line 41 */
    { .name = 43 /* sizes */, .type = 4, .value = 4, .in = 11, .nin = 1, .line = 41 },
    /* 1: output int, line 42 */
    { .name = 49 /* int */, .type = 5, .value = 5, .in = 12, .nin = 1, .line = 42 },
    /* 2: output notes, line 43 */
    { .name = 111 /* notes */, .type = 7, .value = 6, .in = 13, .nin = 1, .line = 43 },
    /* 3: output large, line 44 */
    { .name = 486 /* large */, .type = 4, .value = 7, .in = 14, .nin = 1, .line = 44 },
    /* 4: output small, line 45 */
    { .name = 622 /* small */, .type = 4, .value = 8, .in = 15, .nin = 1, .line = 45 },
};

static const dag_program native_program = {
      .abi = DAG_ABI, .name = 690 /* native */, .source = 697 /* native.dag */, .strings = strings,
      .types = native_types, .ntypes = 9, .fields = native_fields, .consts = native_consts,
      .nconsts = 3, .code = native_code, .ncode = 9, .exprs = native_exprs, .nexprs = 9,
      .axes = native_axes, .naxes = 2, .stages = native_stages, .nstages = 3, .topo = native_topo,
      .ports = native_ports, .nports = 16, .edges = native_edges, .nedges = 7,
      .out_edges = native_out_edges, .natives = native_natives, .inputs = native_inputs,
      .ninputs = 1, .outputs = native_outputs, .noutputs = 5, .stall_grace = 30000000000
};

#ifndef DAG_NO_MAIN
int main(int argc, char **argv)
{
    return dag_main(&native_program, argc, argv);
}
#endif
