/*
 * siphash.c - the keyed digest of secrets: the vectors of its authors' reference code.
 */
#include <CUnit/CUnit.h>
#include <string.h>

#include "core/siphash.h"
#include "suites.h"

static void agrees_with_its_authors(void) {
    /* vectors_sip128 of github.com/veorq/SipHash: key 00..0f, input 00..(n-1) */
    static const struct {
        size_t n;
        const char *hex;
    } rows[] = { { 0, "a3817f04ba25a8e66df67214c7550293" },
                 { 1, "da87c1d86b99af44347659119b22fc45" },
                 { 2, "8177228da4a45dc7fca38bdef60affe4" },
                 { 15, "5493e99933b0a8117e08ec0f97cfc3d9" },
                 { 3, "9c70b60c5267a94e5f33b6b02985ed51" } };
    unsigned char key[SIPHASH_KEY], in[64];
    char hex[DIGEST_TEXT];
    for (int i = 0; i < 64; i++)
        in[i] = (unsigned char)i;
    memcpy(key, in, sizeof key);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        digest_hex(siphash(key, in, rows[i].n), hex);
        CU_ASSERT_STRING_EQUAL(hex, rows[i].hex);
    }
}

static void depends_on_the_key(void) {
    unsigned char one[SIPHASH_KEY] = { 1 }, two[SIPHASH_KEY] = { 2 };
    CU_ASSERT(!digest_equal(siphash(one, "x", 1), siphash(two, "x", 1)));
    CU_ASSERT(!digest_equal(siphash(one, "x", 1), siphash(one, "y", 1)));
    CU_ASSERT(digest_equal(siphash(one, "x", 1), siphash(one, "x", 1)));
}

/* The digest of known bytes is that of the same bytes one by one. */
static void whole_or_in_pieces(void) {
    unsigned char in[300];
    Digester *digester = digester_new();
    CU_ASSERT_PTR_NOT_NULL_FATAL(digester);
    for (size_t n = 0; n < sizeof in; n++) {
        in[n] = (unsigned char)(n * 7);
        CU_ASSERT(digest_equal(digest_of(in, n), digester_result(digester)));
        digest_bytes(digester, &in[n], 1);
    }
    digester_free(digester);
}

void suite_siphash(void) {
    CU_pSuite suite = CU_add_suite("siphash", NULL, NULL);
    CU_add_test(suite, "agrees with its authors", agrees_with_its_authors);
    CU_add_test(suite, "depends on the key", depends_on_the_key);
    CU_add_test(suite, "whole or in pieces", whole_or_in_pieces);
}
