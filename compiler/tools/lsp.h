/*
 * lsp.h - what the files of the language server share: `dagcc lsp` speaks the Language Server
 * Protocol 3.17 (microsoft.github.io/language-server-protocol) on standard input and output.
 *
 * In: messages of an editor. Out: diagnostics, hover texts, declarations, completions, layout. All
 * of it comes from the same front end that compiles; each change of a text is a compilation.
 */
#ifndef DAGCC_LSP_H
#define DAGCC_LSP_H

#include <cjson/cJSON.h>

#include "base/options.h"
#include "tools/look.h"

/* A text that the editor has open, and what the front end made of it. */
typedef struct Document {
    char *uri;
    char *path; /* of a file: URI, else the URI */
    char *text; /* n bytes and a NUL */
    size_t n;
    double version;
    Front *front; /* NULL: without memory */
    Source *source;
    File *file;
    Model *model;
    struct Document *next;
} Document;

typedef struct Server {
    FILE *in, *out;
    const Options *options;
    Document *documents;
    bool initialized, shut_down, over;
    const char *refusal; /* set by an answer: why there is none */
} Server;

/* ---------------------------------------------------------------- lsp_wire.c */

/* The next message, malloc'ed, its size in *n; NULL at the end of the input or where it is no
 * message (no header, too large, cut off). */
char *wire_read(FILE *in, size_t *n);
/* Writes a message and frees it. */
void wire_write(FILE *out, cJSON *message);

/* ---------------------------------------------------------------- lsp_text.c */

Document *document_find(const Server *server, const char *uri);
/* Adds it, with a copy of the text. NULL without memory. */
Document *document_open(Server *server, const char *uri, const char *text, double version);
void document_close(Server *server, Document *document);
/* Replaces the text of a range, or all of it where `range` is NULL. */
void document_edit(Document *document, const cJSON *range, const char *text);
/* Compiles the text anew: front, source, file, model. */
void document_analyze(const Server *server, Document *document);

/* A place in UTF-16 units, as the protocol counts, and the byte it stands for. */
uint32_t offset_of_position(const char *text, size_t n, const cJSON *position);
cJSON *position_of(Document *document, Source *source, uint32_t offset);
cJSON *range_of(Document *document, Span span);
/* The URI of a source: the document's own, or that of its path. In the front's arena. */
const char *uri_of(const Server *server, Document *document, uint32_t file);

/* ---------------------------------------------------------------- answers, by file */

/* The result of a request, or NULL for null. The document has been analyzed. */
typedef cJSON *Answer(Server *server, Document *document, const cJSON *params);
Answer answer_hover, answer_definition, answer_symbols, answer_folds; /* lsp_answers.c */
Answer answer_formatting, answer_actions;
Answer answer_completion;                    /* lsp_complete.c */
Answer answer_signature;                     /* lsp_signature.c */
Answer answer_references, answer_highlights; /* lsp_uses.c */
Answer answer_prepare_rename, answer_rename;

cJSON *location_of(const Server *server, Document *document, Span span);
cJSON *text_edit_of(Document *document, Span span, const char *text);

/* The messages of a document as the protocol's diagnostics. */
cJSON *diagnostics_of(const Server *server, Document *document);

#endif
