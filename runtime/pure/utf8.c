/*
 * utf8.c - is it UTF-8?
 */
#include "pure/text.h"
#include "pure/value.h"

#include <string.h>

/* The bytes of the character at s (at most `left`), 0: not one. Overlong forms, surrogates and what
 * is past U+10FFFF show in the second byte (Unicode 15, table 3-7). */
static size_t character_size(const unsigned char *s, size_t left) {
    unsigned char low = 0x80, high = 0xBF;
    size_t n = s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : s[0] < 0xF5 ? 4 : 0;
    if (n == 0 || n > left) {
        return 0;
    }
    switch (s[0]) {
    case 0xE0: low = 0xA0; break;
    case 0xED: high = 0x9F; break;
    case 0xF0: low = 0x90; break;
    case 0xF4: high = 0x8F; break;
    default: break;
    }
    if (s[1] < low || s[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < n; i++) {
        if ((s[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return n;
}

bool utf8_valid(const char *text, size_t n, size_t *bad) {
    const char *nul = n > 0 ? memchr(text, '\0', n) : NULL;
    size_t end = nul ? (size_t)(nul - text) : n;
    for (size_t i = text_ascii(text, end); i < end; i += text_ascii(text + i, end - i)) {
        size_t size = character_size((const unsigned char *)text + i, end - i);
        if (size == 0) {
            *bad = i;
            return false;
        }
        i += size;
    }
    *bad = end;
    return nul == NULL;
}
