/*
 * text.c - characters of UTF-8 text, and a text that grows in an arena.
 */
#include "pure/text.h"

#include <string.h>

#include "pure/value.h"

#define HIGH_BITS 0x8080808080808080u
#define LOW_BITS 0x0101010101010101u

uint32_t text_decode(const char **p) {
    const unsigned char *s = (const unsigned char *)*p;
    uint32_t c = s[0];
    size_t n = 1;
    if (c >= 0xF0) {
        c = (c & 7) << 18 | (s[1] & 63u) << 12 | (s[2] & 63u) << 6 | (s[3] & 63u);
        n = 4;
    } else if (c >= 0xE0) {
        c = (c & 15) << 12 | (s[1] & 63u) << 6 | (s[2] & 63u);
        n = 3;
    } else if (c >= 0xC0) {
        c = (c & 31) << 6 | (s[1] & 63u);
        n = 2;
    }
    *p += n;
    return c;
}

size_t text_encode(uint32_t c, char *out) {
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (c & 63));
        c >>= 6;
    }
    out[0] = (char)((0xF00u >> n) | c);
    return n;
}

static uint64_t load8(const char *p) {
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

static bool continues(char c) {
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* Continuation bytes have bit 7 and not bit 6; all others start a character. */
size_t text_length(const char *text, size_t n) {
    size_t length = n, i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t word = load8(text + i);
        length -= (size_t)__builtin_popcountll(word & ~(word << 1) & HIGH_BITS);
    }
    for (; i < n; i++) {
        length -= continues(text[i]);
    }
    return length;
}

size_t text_offset(const char *text, size_t n, size_t i) {
    if (i >= n) {
        return n;
    }
    size_t at = text_ascii(text, i);
    for (i -= at; i > 0 && at < n; i--) {
        do {
            at++;
        } while (at < n && continues(text[at]));
    }
    return at;
}

size_t text_ascii(const char *text, size_t n) {
    size_t i = 0;
    while (i + 8 <= n && (load8(text + i) & HIGH_BITS) == 0) {
        i += 8;
    }
    while (i < n && (unsigned char)text[i] < 0x80) {
        i++;
    }
    return i;
}

/* High bits where a byte of the word is zero, or below n <= 128; exact as to whether there is any
 * (S. E. Anderson, Bit Twiddling Hacks, "zero in a word"). */
static uint64_t zeros(uint64_t word) {
    return (word - LOW_BITS) & ~word & HIGH_BITS;
}

static uint64_t below(uint64_t word, uint64_t n) {
    return (word - LOW_BITS * n) & ~word & HIGH_BITS;
}

size_t text_unescaped(const char *text, size_t n) {
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t word = load8(text + i);
        if ((below(word, 0x20) | zeros(word ^ LOW_BITS * '"') | zeros(word ^ LOW_BITS * '\\')) !=
            0) {
            break;
        }
    }
    while (i < n && (unsigned char)text[i] >= 0x20 && text[i] != '"' && text[i] != '\\') {
        i++;
    }
    return i;
}

bool text_is_space(uint32_t c) {
    if (c < 0x80) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }
    return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
           c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

/* Is the character at p, of `size` bytes, to be stripped? */
static bool stripped(const char *p, size_t size, const char *chars, size_t n) {
    if (!chars) {
        return text_is_space(text_decode(&p));
    }
    return text_find(chars, n, p, size) != NULL;
}

TextRange text_strip_start(TextRange text, const char *chars, size_t n) {
    while (text.start < text.end) {
        const char *next = text.start + 1;
        while (next < text.end && continues(*next)) {
            next++;
        }
        if (!stripped(text.start, (size_t)(next - text.start), chars, n)) {
            break;
        }
        text.start = next;
    }
    return text;
}

TextRange text_strip_end(TextRange text, const char *chars, size_t n) {
    while (text.start < text.end) {
        const char *last = text.end - 1;
        while (last > text.start && continues(*last)) {
            last--;
        }
        if (!stripped(last, (size_t)(text.end - last), chars, n)) {
            break;
        }
        text.end = last;
    }
    return text;
}

const char *text_find(const char *text, size_t n, const char *what, size_t nwhat) {
    if (nwhat == 1) {
        return n > 0 ? memchr(text, what[0], n) : NULL;
    }
    return nwhat <= n ? memmem(text, n, what, nwhat) : NULL;
}

char *buffer_room(TextBuffer *buffer, size_t n) {
    if (n > buffer->size - buffer->n) {
        size_t size = buffer->size < 32 ? 64 : buffer->size * 2;
        if (size < buffer->n + n) {
            size = buffer->n + n;
        }
        buffer->text = arena_move(buffer->arena, buffer->text, buffer->size, size);
        buffer->size = size;
    }
    return buffer->text + buffer->n;
}

void buffer_add(TextBuffer *buffer, const char *text, size_t n) {
    if (n > 0) {
        memcpy(buffer_room(buffer, n), text, n);
        buffer->n += n;
    }
}

void buffer_string(TextBuffer *buffer, const char *text) {
    buffer_add(buffer, text, strlen(text));
}

void buffer_char(TextBuffer *buffer, char c) {
    *buffer_room(buffer, 1) = c;
    buffer->n++;
}

char *buffer_end(TextBuffer *buffer) {
    *buffer_room(buffer, 1) = '\0';
    return buffer->text;
}

/* ---------------------------------------------------------------- for people */

const char *text_printable(Arena *arena, const char *bytes, size_t n) {
    TextBuffer out = { .arena = arena };
    while (n > 0) {
        size_t good = 0;
        while (good < n && (unsigned char)bytes[good] >= 0x20 && bytes[good] != 0x7f) {
            good++;
        }
        size_t bad = good;
        bool valid = utf8_valid(bytes, good, &bad);
        size_t take = valid ? good : bad;
        buffer_add(&out, bytes, take);
        bytes += take;
        n -= take;
        if (n > 0) {
            bool line = *bytes == '\n' || (*bytes == '\r' && n > 1 && bytes[1] != '\n');
            bool kept = *bytes == '\t';
            bool dropped = *bytes == '\r' && !line;
            buffer_string(&out, line ? "\n" : kept ? "\t" : dropped ? "" : "\xef\xbf\xbd");
            bytes++;
            n--;
        }
    }
    return buffer_end(&out);
}
