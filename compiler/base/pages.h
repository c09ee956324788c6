/*
 * pages.h - memory in large pieces whose pages are there already. While a piece is filled, the pages of
 * the next one are made on a thread, where there is a processor for it.
 */
#ifndef DAGCC_PAGES_H
#define DAGCC_PAGES_H

#include <stddef.h>

typedef struct Pages Pages;

/* NULL without memory. */
Pages *pages_new(void);
/* What was taken stays. */
void pages_free(Pages *pages);

/* At least *n zeroed bytes, for free(); *n: how many. NULL without memory. For Arena.large. */
void *pages_take(void *pages, size_t *n);

/* Bytes of the pieces that are made ahead: two huge pages, of which malloc takes some. */
enum { PIECE = 4 * 1024 * 1024 };

#endif
