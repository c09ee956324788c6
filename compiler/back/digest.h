/*
 * digest.h - what the C code of a native stage is made of: when it changes, results that were kept are
 * not reused, and `explain` says which file it was.
 */
#ifndef DAGCC_DIGEST_H
#define DAGCC_DIGEST_H

#include "base/front.h"
#include "syntax/ast.h"

/* Of a body (BODY_C or BODY_NATIVE) a line "flags HASH" (of its link, pkg and include words and of
 * $CFLAGS), a line "NAME (SIZE bytes, HASH)" for each of its files and of the files that these
 * include by name from the author's folders, and, of a BODY_C, its text behind an empty line. No C
 * compiler is asked: an include that a macro builds goes unseen, one that is commented out counts.
 * In the front's arena. */
const char *native_digest(Front *front, const Item *body);

#endif
