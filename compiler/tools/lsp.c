/*
 * lsp.c - dagcc lsp: reads requests and notifications, answers them. A method is a row of the table
 * and a function.
 */
#include "tools/lsp.h"

#include <stdlib.h>
#include <string.h>

#include "base/version.h"
#include "tools/commands.h"

/* Codes of errors: JSON-RPC 2.0 and the protocol's own. */
enum {
    PARSE_ERROR = -32700,
    INVALID_REQUEST = -32600,
    METHOD_NOT_FOUND = -32601,
    INVALID_PARAMS = -32602,
    NOT_INITIALIZED = -32002,
    REQUEST_FAILED = -32803
};

static const cJSON *member(const cJSON *object, const char *name) {
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const char *text_member(const cJSON *object, const char *name) {
    return cJSON_GetStringValue(member(object, name));
}

static cJSON *message_new(void) {
    cJSON *message = cJSON_CreateObject();
    cJSON_AddStringToObject(message, "jsonrpc", "2.0");
    return message;
}

static cJSON *reply_new(const cJSON *id) {
    cJSON *message = message_new();
    cJSON_AddItemToObject(message, "id", id ? cJSON_Duplicate(id, true) : cJSON_CreateNull());
    return message;
}

static void refuse(Server *server, const cJSON *id, int code, const char *why) {
    cJSON *message = reply_new(id), *error = cJSON_AddObjectToObject(message, "error");
    cJSON_AddNumberToObject(error, "code", code);
    cJSON_AddStringToObject(error, "message", why);
    wire_write(server->out, message);
}

/* ---------------------------------------------------------------- diagnostics */

static void publish(Server *server, const char *uri, const double *version, cJSON *diagnostics) {
    cJSON *message = message_new();
    cJSON_AddStringToObject(message, "method", "textDocument/publishDiagnostics");
    cJSON *params = cJSON_AddObjectToObject(message, "params");
    cJSON_AddStringToObject(params, "uri", uri);
    if (version) {
        cJSON_AddNumberToObject(params, "version", *version);
    }
    cJSON_AddItemToObject(params, "diagnostics", diagnostics);
    wire_write(server->out, message);
}

static void analyze(Server *server, Document *document) {
    document_analyze(server, document);
    if (document->model) {
        publish(server, document->uri, &document->version, diagnostics_of(server, document));
    }
}

/* A text may be imported by others that are open. */
static void analyze_all(Server *server, Document *first) {
    analyze(server, first);
    for (Document *d = server->documents; d; d = d->next) {
        if (d != first) {
            analyze(server, d);
        }
    }
}

/* ---------------------------------------------------------------- notifications */

static void did_open(Server *server, const cJSON *params) {
    const cJSON *item = member(params, "textDocument");
    const char *uri = text_member(item, "uri"), *text = text_member(item, "text");
    const cJSON *version = member(item, "version");
    Document *old = uri ? document_find(server, uri) : NULL;
    if (old) {
        document_close(server, old);
    }
    Document *document =
        uri && text
            ? document_open(server, uri, text, cJSON_IsNumber(version) ? version->valuedouble : 0)
            : NULL;
    if (document) {
        analyze_all(server, document);
    }
}

static Document *document_of(const Server *server, const cJSON *params) {
    const char *uri = text_member(member(params, "textDocument"), "uri");
    return uri ? document_find(server, uri) : NULL;
}

static void did_change(Server *server, const cJSON *params) {
    Document *document = document_of(server, params);
    const cJSON *version = member(member(params, "textDocument"), "version"), *change;
    if (!document) {
        return;
    }
    cJSON_ArrayForEach(change, member(params, "contentChanges")) {
        const char *text = text_member(change, "text");
        if (text) {
            document_edit(document, member(change, "range"), text);
        }
    }
    document->version = cJSON_IsNumber(version) ? version->valuedouble : document->version;
    analyze_all(server, document);
}

static void did_close(Server *server, const cJSON *params) {
    Document *document = document_of(server, params);
    if (document) {
        publish(server, document->uri, NULL, cJSON_CreateArray());
        document_close(server, document);
    }
}

static void leave(Server *server, const cJSON *params) {
    (void)params;
    server->over = true;
}

/* What needs nothing done. */
static void ignore(Server *server, const cJSON *params) {
    (void)server, (void)params;
}

/* ---------------------------------------------------------------- requests */

static cJSON *initialize(Server *server) {
    server->initialized = true;
    cJSON *result = cJSON_CreateObject(), *can = cJSON_AddObjectToObject(result, "capabilities");
    cJSON_AddStringToObject(can, "positionEncoding", "utf-16");
    cJSON *sync = cJSON_AddObjectToObject(can, "textDocumentSync");
    cJSON_AddTrueToObject(sync, "openClose");
    cJSON_AddNumberToObject(sync, "change", 2); /* incremental */
    cJSON_AddTrueToObject(can, "hoverProvider");
    cJSON_AddTrueToObject(can, "definitionProvider");
    cJSON_AddTrueToObject(can, "documentSymbolProvider");
    cJSON_AddTrueToObject(can, "documentFormattingProvider");
    cJSON_AddTrueToObject(can, "codeActionProvider");
    cJSON_AddTrueToObject(can, "referencesProvider");
    cJSON_AddTrueToObject(can, "documentHighlightProvider");
    cJSON_AddTrueToObject(can, "foldingRangeProvider");
    cJSON_AddTrueToObject(cJSON_AddObjectToObject(can, "renameProvider"), "prepareProvider");
    cJSON *sign = cJSON_AddObjectToObject(can, "signatureHelpProvider");
    const char *const opens[] = { "(", "," };
    cJSON_AddItemToObject(sign, "triggerCharacters", cJSON_CreateStringArray(opens, 2));
    cJSON *complete = cJSON_AddObjectToObject(can, "completionProvider");
    const char *const triggers[] = { ".", "|", "<", ":" };
    cJSON_AddItemToObject(complete, "triggerCharacters", cJSON_CreateStringArray(triggers, 4));
    cJSON *info = cJSON_AddObjectToObject(result, "serverInfo");
    cJSON_AddStringToObject(info, "name", "dagcc");
    cJSON_AddStringToObject(info, "version", DAGCC_VERSION);
    return result;
}

typedef struct Method {
    const char *name;
    void (*notify)(Server *server, const cJSON *params); /* a notification, or NULL */
    Answer *answer;                                      /* a request about a document, or NULL */
} Method;

static const Method methods[] = {
    { "initialized", ignore, NULL },
    { "exit", leave, NULL },
    { "textDocument/didOpen", did_open, NULL },
    { "textDocument/didChange", did_change, NULL },
    { "textDocument/didClose", did_close, NULL },
    { "textDocument/didSave", ignore, NULL },
    { "textDocument/hover", NULL, answer_hover },
    { "textDocument/definition", NULL, answer_definition },
    { "textDocument/documentSymbol", NULL, answer_symbols },
    { "textDocument/formatting", NULL, answer_formatting },
    { "textDocument/codeAction", NULL, answer_actions },
    { "textDocument/completion", NULL, answer_completion },
    { "textDocument/signatureHelp", NULL, answer_signature },
    { "textDocument/references", NULL, answer_references },
    { "textDocument/documentHighlight", NULL, answer_highlights },
    { "textDocument/foldingRange", NULL, answer_folds },
    { "textDocument/prepareRename", NULL, answer_prepare_rename },
    { "textDocument/rename", NULL, answer_rename },
};

static const Method *method_named(const char *name) {
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (strcmp(methods[i].name, name) == 0) {
            return &methods[i];
        }
    }
    return NULL;
}

static void reply(Server *server, const cJSON *id, cJSON *result) {
    cJSON *message = reply_new(id);
    cJSON_AddItemToObject(message, "result", result ? result : cJSON_CreateNull());
    wire_write(server->out, message);
}

static void answer(Server *server, const cJSON *id, const Method *method, const cJSON *params) {
    Document *document = document_of(server, params);
    if (!document) {
        refuse(server, id, INVALID_PARAMS, "no such document is open");
        return;
    }
    server->refusal = NULL;
    cJSON *result = document->model ? method->answer(server, document, params) : NULL;
    if (server->refusal) {
        refuse(server, id, REQUEST_FAILED, server->refusal);
    } else {
        reply(server, id, result);
    }
}

static void request(Server *server, const cJSON *id, const char *name, const cJSON *params) {
    const Method *method = method_named(name);
    if (strcmp(name, "initialize") == 0) {
        reply(server, id, initialize(server));
    } else if (!server->initialized) {
        refuse(server, id, NOT_INITIALIZED, "the first request is `initialize`");
    } else if (strcmp(name, "shutdown") == 0) {
        server->shut_down = true;
        reply(server, id, NULL);
    } else if (server->shut_down) {
        refuse(server, id, INVALID_REQUEST, "the server has been shut down");
    } else if (method && method->answer) {
        answer(server, id, method, params);
    } else {
        refuse(server, id, METHOD_NOT_FOUND, "dagcc does not know this request");
    }
}

static void handle(Server *server, const cJSON *message) {
    const cJSON *id = member(message, "id"), *params = member(message, "params");
    const char *name = text_member(message, "method");
    const Method *method = name ? method_named(name) : NULL;
    if (name && id) {
        request(server, id, name, params);
    } else if (method && method->notify && (server->initialized || method->notify == leave)) {
        method->notify(server, params);
    }
}

int command_lsp(const Options *options) {
    Server server = { .in = stdin, .out = stdout, .options = options };
    size_t n;
    for (char *text; !server.over && (text = wire_read(server.in, &n)); free(text)) {
        cJSON *message = cJSON_ParseWithLength(text, n);
        if (message) {
            handle(&server, message);
        } else {
            refuse(&server, NULL, PARSE_ERROR, "this is not JSON");
        }
        cJSON_Delete(message);
    }
    while (server.documents) {
        document_close(&server, server.documents);
    }
    if (!server.shut_down) { /* the protocol asks for a status of its own */
        fputs("dagcc: error: the editor has left without `shutdown`\n", stderr);
    }
    return server.shut_down ? EXIT_OK : EXIT_ERRORS;
}
