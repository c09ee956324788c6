/*
 * text_case.c - upper, lower and title case by Unicode's full mappings.
 *
 * Simple mappings and categories come from utf8proc; what it lacks are the unconditional rows of
 * SpecialCasing.txt (Unicode 15), one character to several, and the final sigma. Mappings for
 * single languages (the Turkish i) are left out: nothing depends on the locale.
 */
#include "pure/text.h"

#include <string.h>
#include <utf8proc.h>

typedef struct Special {
    uint16_t from;
    uint16_t upper[3], title[3]; /* up to the first 0 */
} Special;

/* In rising order. U+1F80 … U+1FAF follow a rule of their own, see greek(). */
static const Special specials[] = {
    { 0x00DF, { 0x0053, 0x0053 }, { 0x0053, 0x0073 } },
    { 0x0149, { 0x02BC, 0x004E }, { 0x02BC, 0x004E } },
    { 0x01F0, { 0x004A, 0x030C }, { 0x004A, 0x030C } },
    { 0x0390, { 0x0399, 0x0308, 0x0301 }, { 0x0399, 0x0308, 0x0301 } },
    { 0x03B0, { 0x03A5, 0x0308, 0x0301 }, { 0x03A5, 0x0308, 0x0301 } },
    { 0x0587, { 0x0535, 0x0552 }, { 0x0535, 0x0582 } },
    { 0x1E96, { 0x0048, 0x0331 }, { 0x0048, 0x0331 } },
    { 0x1E97, { 0x0054, 0x0308 }, { 0x0054, 0x0308 } },
    { 0x1E98, { 0x0057, 0x030A }, { 0x0057, 0x030A } },
    { 0x1E99, { 0x0059, 0x030A }, { 0x0059, 0x030A } },
    { 0x1E9A, { 0x0041, 0x02BE }, { 0x0041, 0x02BE } },
    { 0x1F50, { 0x03A5, 0x0313 }, { 0x03A5, 0x0313 } },
    { 0x1F52, { 0x03A5, 0x0313, 0x0300 }, { 0x03A5, 0x0313, 0x0300 } },
    { 0x1F54, { 0x03A5, 0x0313, 0x0301 }, { 0x03A5, 0x0313, 0x0301 } },
    { 0x1F56, { 0x03A5, 0x0313, 0x0342 }, { 0x03A5, 0x0313, 0x0342 } },
    { 0x1FB2, { 0x1FBA, 0x0399 }, { 0x1FBA, 0x0345 } },
    { 0x1FB3, { 0x0391, 0x0399 }, { 0x1FBC } },
    { 0x1FB4, { 0x0386, 0x0399 }, { 0x0386, 0x0345 } },
    { 0x1FB6, { 0x0391, 0x0342 }, { 0x0391, 0x0342 } },
    { 0x1FB7, { 0x0391, 0x0342, 0x0399 }, { 0x0391, 0x0342, 0x0345 } },
    { 0x1FBC, { 0x0391, 0x0399 }, { 0x1FBC } },
    { 0x1FC2, { 0x1FCA, 0x0399 }, { 0x1FCA, 0x0345 } },
    { 0x1FC3, { 0x0397, 0x0399 }, { 0x1FCC } },
    { 0x1FC4, { 0x0389, 0x0399 }, { 0x0389, 0x0345 } },
    { 0x1FC6, { 0x0397, 0x0342 }, { 0x0397, 0x0342 } },
    { 0x1FC7, { 0x0397, 0x0342, 0x0399 }, { 0x0397, 0x0342, 0x0345 } },
    { 0x1FCC, { 0x0397, 0x0399 }, { 0x1FCC } },
    { 0x1FD2, { 0x0399, 0x0308, 0x0300 }, { 0x0399, 0x0308, 0x0300 } },
    { 0x1FD3, { 0x0399, 0x0308, 0x0301 }, { 0x0399, 0x0308, 0x0301 } },
    { 0x1FD6, { 0x0399, 0x0342 }, { 0x0399, 0x0342 } },
    { 0x1FD7, { 0x0399, 0x0308, 0x0342 }, { 0x0399, 0x0308, 0x0342 } },
    { 0x1FE2, { 0x03A5, 0x0308, 0x0300 }, { 0x03A5, 0x0308, 0x0300 } },
    { 0x1FE3, { 0x03A5, 0x0308, 0x0301 }, { 0x03A5, 0x0308, 0x0301 } },
    { 0x1FE4, { 0x03A1, 0x0313 }, { 0x03A1, 0x0313 } },
    { 0x1FE6, { 0x03A5, 0x0342 }, { 0x03A5, 0x0342 } },
    { 0x1FE7, { 0x03A5, 0x0308, 0x0342 }, { 0x03A5, 0x0308, 0x0342 } },
    { 0x1FF2, { 0x1FFA, 0x0399 }, { 0x1FFA, 0x0345 } },
    { 0x1FF3, { 0x03A9, 0x0399 }, { 0x1FFC } },
    { 0x1FF4, { 0x038F, 0x0399 }, { 0x038F, 0x0345 } },
    { 0x1FF6, { 0x03A9, 0x0342 }, { 0x03A9, 0x0342 } },
    { 0x1FF7, { 0x03A9, 0x0342, 0x0399 }, { 0x03A9, 0x0342, 0x0345 } },
    { 0x1FFC, { 0x03A9, 0x0399 }, { 0x1FFC } },
    { 0xFB00, { 0x0046, 0x0046 }, { 0x0046, 0x0066 } },
    { 0xFB01, { 0x0046, 0x0049 }, { 0x0046, 0x0069 } },
    { 0xFB02, { 0x0046, 0x004C }, { 0x0046, 0x006C } },
    { 0xFB03, { 0x0046, 0x0046, 0x0049 }, { 0x0046, 0x0066, 0x0069 } },
    { 0xFB04, { 0x0046, 0x0046, 0x004C }, { 0x0046, 0x0066, 0x006C } },
    { 0xFB05, { 0x0053, 0x0054 }, { 0x0053, 0x0074 } },
    { 0xFB06, { 0x0053, 0x0054 }, { 0x0053, 0x0074 } },
    { 0xFB13, { 0x0544, 0x0546 }, { 0x0544, 0x0576 } },
    { 0xFB14, { 0x0544, 0x0535 }, { 0x0544, 0x0565 } },
    { 0xFB15, { 0x0544, 0x053B }, { 0x0544, 0x056B } },
    { 0xFB16, { 0x054E, 0x0546 }, { 0x054E, 0x0576 } },
    { 0xFB17, { 0x0544, 0x053D }, { 0x0544, 0x056D } },
};

/* ᾀ … ᾯ: letters with a iota beneath, in rows of 16, the small ones first in each 8. */
static size_t greek(uint32_t c, TextCase to, uint32_t *out) {
    static const uint16_t without_iota[] = { 0x1F08, 0x1F28, 0x1F68 };
    if (to == TEXT_TITLE) {
        out[0] = c | 8;
        return 1;
    }
    out[0] = without_iota[(c - 0x1F80) / 16] + (c & 7);
    out[1] = 0x0399;
    return 2;
}

static const Special *special_find(uint32_t c) {
    size_t low = 0, high = sizeof specials / sizeof specials[0];
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (specials[middle].from < c) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < sizeof specials / sizeof specials[0] && specials[low].from == c ? &specials[low]
                                                                                 : NULL;
}

/* The mapping of c to upper or title case: up to 3 characters. */
static size_t raise(uint32_t c, TextCase to, uint32_t *out) {
    if (c >= 0x1F80 && c <= 0x1FAF) {
        return greek(c, to, out);
    }
    const Special *special = special_find(c);
    if (!special) {
        utf8proc_int32_t i = (utf8proc_int32_t)c;
        out[0] = (uint32_t)(to == TEXT_UPPER ? utf8proc_toupper(i) : utf8proc_totitle(i));
        return 1;
    }
    const uint16_t *row = to == TEXT_UPPER ? special->upper : special->title;
    size_t n = 0;
    for (; n < 3 && row[n]; n++) {
        out[n] = row[n];
    }
    return n;
}

static size_t lower(uint32_t c, uint32_t *out) {
    if (c == 0x0130) { /* İ */
        out[0] = 'i';
        out[1] = 0x0307;
        return 2;
    }
    out[0] = (uint32_t)utf8proc_tolower((utf8proc_int32_t)c);
    return 1;
}

static utf8proc_category_t category(uint32_t c) {
    return utf8proc_category((utf8proc_int32_t)c);
}

static bool is_letter(uint32_t c) {
    utf8proc_category_t k = category(c);
    return k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_LO;
}

static bool is_mark(uint32_t c) {
    utf8proc_category_t k = category(c);
    return k >= UTF8PROC_CATEGORY_MN && k <= UTF8PROC_CATEGORY_ME;
}

static bool is_cased(uint32_t c) {
    utf8proc_category_t k = category(c);
    return k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_LT;
}

/* Near enough to Case_Ignorable: marks, modifiers, format characters, punctuation inside words. */
static bool is_ignorable(uint32_t c) {
    utf8proc_category_t k = category(c);
    return is_mark(c) || k == UTF8PROC_CATEGORY_LM || k == UTF8PROC_CATEGORY_SK ||
           k == UTF8PROC_CATEGORY_CF || c == '\'' || c == '.' || c == ':' || c == 0xB7 ||
           c == 0x2019;
}

/* Does no cased character follow, past what is ignorable? */
static bool ends_word(const char *p, const char *end) {
    while (p < end) {
        uint32_t c = text_decode(&p);
        if (!is_ignorable(c)) {
            return !is_cased(c);
        }
    }
    return true;
}

static void put(TextBuffer *buffer, const uint32_t *chars, size_t n) {
    char *out = buffer_room(buffer, 12);
    for (size_t i = 0; i < n; i++) {
        size_t size = text_encode(chars[i], out);
        out += size;
        buffer->n += size;
    }
}

void text_to_case(TextBuffer *buffer, TextCase to, const char *text, size_t n) {
    const char *end = text + n;
    bool in_word = false;     /* title: the last character that is no mark was a letter */
    bool after_cased = false; /* lower: likewise cased, past what is ignorable */
    while (text < end) {
        uint32_t chars[3], c = text_decode(&text);
        size_t count = 1;
        if (to == TEXT_UPPER || (to == TEXT_TITLE && !in_word)) {
            count = raise(c, to, chars);
        } else if (c == 0x03A3 && after_cased && ends_word(text, end)) {
            chars[0] = 0x03C2;
        } else {
            count = lower(c, chars);
        }
        put(buffer, chars, count);
        if (to != TEXT_UPPER) {
            in_word = is_letter(c) || (in_word && is_mark(c));
            after_cased = is_cased(c) || (after_cased && is_ignorable(c));
        }
    }
}

/* Flips bit 5 of the letters in [first, first + 25], 8 bytes at a time: adding makes bit 7 of each
 * byte tell whether it is >= first, and whether it is past the last one. */
static uint64_t flip8(uint64_t word, unsigned char first) {
    const uint64_t ones = 0x0101010101010101u;
    uint64_t from = word + ones * (0x80u - first), past = word + ones * (0x80u - first - 26);
    return word ^ ((from & ~past & (ones * 0x80u)) >> 2);
}

static void ascii_flip(char *out, unsigned char first, const char *text, size_t n) {
    uint64_t word;
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        memcpy(&word, text + i, 8);
        word = flip8(word, first);
        memcpy(out + i, &word, 8);
    }
    for (; i < n; i++) {
        bool letter = (unsigned char)(text[i] - first) < 26;
        out[i] = (char)(text[i] ^ (letter << 5));
    }
}

void text_ascii_case(char *out, TextCase to, const char *text, size_t n) {
    if (to != TEXT_TITLE) {
        ascii_flip(out, to == TEXT_UPPER ? 'a' : 'A', text, n);
        return;
    }
    bool in_word = false;
    for (size_t i = 0; i < n; i++) {
        unsigned char folded = (unsigned char)(text[i] | 32);
        bool letter = folded >= 'a' && folded <= 'z';
        out[i] = letter ? (char)(in_word ? folded : folded ^ 32) : text[i];
        in_word = letter;
    }
}
