/*
 * digest.h - what the C code of a native stage is made of, as one number: when it changes, results
 * that were kept are not reused.
 */
#ifndef DAGCC_DIGEST_H
#define DAGCC_DIGEST_H

#include "front.h"

/* Hex text: of the C text of a body (BODY_C or BODY_NATIVE), of its files and of the files that
 * these include by name from the author's folders (by whatever name they reach them), of its
 * link, pkg and include words and of $CFLAGS. No C compiler is asked: an include that a macro
 * builds goes unseen, one that is commented out counts. In the front's arena. */
const char *native_digest(Front *front, const Item *body);

#endif
