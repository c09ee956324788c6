/*
 * digests.c - see digests.h.
 */
#include "store/digests.h"

#include "core/definition.h"

bool store_stage_digest(const dag_program *program, uint32_t stage, char text[DIGEST_TEXT]) {
    Digester *digester = digester_new();
    if (digester == NULL)
        return false;
    digest_stage(digester, program, stage);
    digest_hex(digester_result(digester), text);
    digester_free(digester);
    return true;
}
