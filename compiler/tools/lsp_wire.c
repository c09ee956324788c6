/*
 * lsp_wire.c - messages with a header, as the base protocol has them:
 *
 *   Content-Length: 42\r\n
 *   \r\n
 *   {"jsonrpc":"2.0", …}
 */
#include "tools/lsp.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MOST_BYTES = 256 * 1024 * 1024, MOST_HEADER = 1024 };

/* The length that the header says; 0: no header, or none that makes sense. */
static size_t read_header(FILE *in) {
    char line[MOST_HEADER];
    size_t length = 0;
    while (fgets(line, sizeof(line), in)) {
        if (strcmp(line, "\r\n") == 0 || strcmp(line, "\n") == 0) {
            return length;
        }
        if (strncasecmp(line, "Content-Length:", 15) == 0) {
            length = strtoul(line + 15, NULL, 10);
        }
    }
    return 0;
}

char *wire_read(FILE *in, size_t *n) {
    *n = read_header(in);
    char *text = *n > 0 && *n <= MOST_BYTES ? malloc(*n + 1) : NULL;
    if (text && fread(text, 1, *n, in) != *n) {
        free(text);
        text = NULL;
    }
    if (text) {
        text[*n] = '\0';
    }
    return text;
}

void wire_write(FILE *out, cJSON *message) {
    char *text = cJSON_PrintUnformatted(message);
    if (text) {
        fprintf(out, "Content-Length: %zu\r\n\r\n%s", strlen(text), text);
        fflush(out);
    }
    cJSON_free(text);
    cJSON_Delete(message);
}
