/*
 * toolchain.h - what a pipeline is compiled and linked with: the C compiler of the environment, and
 * our own runtime: libdag.a, dag.h, link.conf.
 */
#ifndef DAGCC_TOOLCHAIN_H
#define DAGCC_TOOLCHAIN_H

#include "base/argv.h"

typedef struct Toolchain {
    const char *home;  /* holds include/dag.h, lib/libdag.a, lib/link.conf */
    Argv cc;           /* $CC, or cc */
    Argv cflags;       /* $CFLAGS */
    Argv ldflags;      /* $LDFLAGS */
    bool is_static;    /* a fully static link works here */
    bool is_dynamic;   /* who built this dagcc wants no static links */
    Argv static_libs;  /* what follows libdag.a in a static link */
    Argv dynamic_libs; /* and in a dynamic one */
} Toolchain;

/* Reads the environment and link.conf. NULL with *message. */
Toolchain *toolchain_find(Arena *arena, const char **message);

#endif
