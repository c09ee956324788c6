/*
 * number.c - numbers as decimal text and back.
 *
 * printf and strtod know the locale by its decimal point alone. So floats are printed as digits and
 * exponent, and read with the point shifted out of them ("3.14" as "314e-2"): correctly rounded by
 * the C library, without a point.
 */
#include "pure/number.h"
#include "pure/value.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_DIGITS = 800, /* more than any double needs to be read exactly (767) */
    MAX_EXPONENT = 100000
};

__extension__ typedef unsigned __int128 Wide;

/* ---------------------------------------------------------------- integers */

static size_t unsigned_format(uint64_t u, char *out) {
    char digits[20];
    size_t n = 0;
    do {
        digits[n++] = (char)('0' + u % 10);
        u /= 10;
    } while (u > 0);
    for (size_t i = 0; i < n; i++) {
        out[i] = digits[n - 1 - i];
    }
    out[n] = '\0';
    return n;
}

static uint64_t magnitude(int64_t i) {
    return i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
}

size_t int_format(int64_t i, char *out) {
    size_t sign = i < 0;
    out[0] = '-';
    return sign + unsigned_format(magnitude(i), out + sign);
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

NumberStatus int_parse(const char *text, size_t n, int64_t *i) {
    bool negative = n > 0 && text[0] == '-';
    size_t at = n > 0 && (text[0] == '-' || text[0] == '+');
    if (at == n) {
        return NUMBER_BAD;
    }
    int64_t sum = 0;
    bool overflow = false;
    for (; at < n; at++) {
        if (!is_digit(text[at])) {
            return NUMBER_BAD;
        }
        int digit = negative ? '0' - text[at] : text[at] - '0';
        overflow |= __builtin_mul_overflow(sum, 10, &sum);
        overflow |= __builtin_add_overflow(sum, digit, &sum);
    }
    *i = sum;
    return overflow ? NUMBER_RANGE : NUMBER_OK;
}

/* ---------------------------------------------------------------- floats */

/* A decimal number: 0.DIGITS times 10^exponent. */
typedef struct Decimal {
    bool negative;
    int n; /* digits; 0: the number is 0 */
    int exponent;
    char digits[MAX_DIGITS + 2];
} Decimal;

static double decimal_value(const Decimal *d) {
    char text[MAX_DIGITS + 20];
    if (d->n == 0) {
        return d->negative ? -0.0 : 0.0;
    }
    memcpy(text, d->digits, (size_t)d->n);
    snprintf(text + d->n, 18, "e%d", d->exponent - d->n);
    double f = strtod(text, NULL);
    return d->negative ? -f : f;
}

/* The digits of f, rounded to n of them. The byte between the first two may be any decimal point,
 * and of several bytes. */
static void decimal_digits(double f, int n, Decimal *d) {
    char text[64];
    snprintf(text, sizeof text, "%.*e", n - 1, f);
    const char *p = text;
    d->negative = *p == '-';
    d->n = 0;
    for (; *p != 'e'; p++) {
        if (is_digit(*p)) {
            d->digits[d->n++] = *p;
        }
    }
    d->exponent = (int)strtol(p + 1, NULL, 10) + 1;
    while (d->n > 0 && d->digits[d->n - 1] == '0') {
        d->n--;
    }
}

/* The shortest digits that read back as f. 15 digits are always kept by a normal double, so that
 * fewer than that come out by themselves; subnormal ones have fewer to start with. */
static void decimal_shortest(double f, Decimal *d) {
    int first = fabs(f) < DBL_MIN ? 1 : 15;
    for (int n = first; n <= 17; n++) {
        decimal_digits(f, n, d);
        if (decimal_value(d) == f) {
            return;
        }
    }
}

/* Digits with a point, filled up with zeros: 1500.0, 0.001. */
static size_t print_fixed(const Decimal *d, char *out) {
    char *p = out;
    if (d->exponent <= 0) {
        *p++ = '0';
    }
    for (int i = 0; i < d->exponent; i++) {
        *p++ = i < d->n ? d->digits[i] : '0';
    }
    *p++ = '.';
    for (int i = d->exponent; i < 0; i++) {
        *p++ = '0';
    }
    int start = d->exponent > 0 ? d->exponent : 0;
    for (int i = start; i < d->n; i++) {
        *p++ = d->digits[i];
    }
    if (start >= d->n) {
        *p++ = '0';
    }
    *p = '\0';
    return (size_t)(p - out);
}

static size_t print_exponent(const Decimal *d, char *out) {
    char *p = out;
    *p++ = d->digits[0];
    if (d->n > 1) {
        *p++ = '.';
        memcpy(p, d->digits + 1, (size_t)d->n - 1);
        p += d->n - 1;
    }
    return (size_t)(p - out) + (size_t)snprintf(p, 8, "e%+03d", d->exponent - 1);
}

size_t float_format(double f, char *out) {
    if (!isfinite(f)) { /* no value of ours; a caller's mistake should show */
        strcpy(out, isnan(f) ? "nan" : f < 0 ? "-inf" : "inf");
        return strlen(out);
    }
    size_t sign = signbit(f) != 0;
    out[0] = '-';
    if (fabs(f) < 1e15 && f == (double)(int64_t)f) {
        size_t n = sign + unsigned_format(magnitude((int64_t)f), out + sign);
        memcpy(out + n, ".0", 3);
        return n + 2;
    }
    Decimal d;
    decimal_shortest(f, &d);
    bool plain = d.exponent > -4 && d.exponent <= 16;
    return sign + (plain ? print_fixed : print_exponent)(&d, out + sign);
}

/* Takes one digit of the number. Digits past MAX_DIGITS can only break a tie: the first that is not
 * 0 leaves a mark behind them. */
static void decimal_push(Decimal *d, char digit, bool behind_point) {
    if (d->n == 0 && digit == '0') {
        d->exponent -= behind_point;
        return;
    }
    d->exponent += !behind_point;
    if (d->n < MAX_DIGITS) {
        d->digits[d->n++] = digit;
    } else if (d->n == MAX_DIGITS && digit != '0') {
        d->digits[d->n++] = '1';
    }
}

/* Reads "e+12" at *p, if it is there. False: not an exponent. */
static bool read_exponent(const char **p, const char *end, int *exponent) {
    if (*p == end || (**p | 32) != 'e') {
        return true;
    }
    ++*p;
    bool negative = *p < end && **p == '-';
    *p += *p < end && (**p == '-' || **p == '+');
    const char *start = *p;
    int e = 0;
    for (; *p < end && is_digit(**p); ++*p) {
        e = e < MAX_EXPONENT ? e * 10 + (**p - '0') : e;
    }
    *exponent += negative ? -e : e;
    return *p > start;
}

NumberStatus float_parse(const char *text, size_t n, double *f) {
    Decimal d = { .n = 0 };
    const char *p = text, *end = text + n;
    d.negative = p < end && *p == '-';
    p += p < end && (*p == '-' || *p == '+');
    size_t ndigits = 0;
    bool behind_point = false;
    for (; p < end && (is_digit(*p) || (*p == '.' && !behind_point)); p++) {
        if (*p == '.') {
            behind_point = true;
            continue;
        }
        ndigits++;
        decimal_push(&d, *p, behind_point);
    }
    if (ndigits == 0 || ndigits > INT_MAX / 2 || !read_exponent(&p, end, &d.exponent) || p != end) {
        return NUMBER_BAD;
    }
    *f = decimal_value(&d);
    return isfinite(*f) ? NUMBER_OK : NUMBER_RANGE;
}

double float_round(double f, int64_t places) {
    Decimal d;
    decimal_shortest(f, &d);
    if (places >= d.n - (int64_t)d.exponent) {
        return f;
    }
    if (places < -(int64_t)d.exponent) {
        return d.negative ? -0.0 : 0.0;
    }
    int keep = d.exponent + (int)places; /* 0 <= keep < d.n */
    bool up = d.digits[keep] >= '5';
    d.n = keep;
    while (up && d.n > 0 && d.digits[d.n - 1] == '9') {
        d.n--;
    }
    if (up && d.n > 0) {
        d.digits[d.n - 1]++;
    } else if (up) {
        d.digits[d.n++] = '1';
        d.exponent++;
    }
    return decimal_value(&d);
}

bool float_to_int(double f, int64_t *i) {
    if (!(f >= -0x1p63 && f < 0x1p63)) {
        return false;
    }
    *i = (int64_t)f;
    return true;
}

/* ---------------------------------------------------------------- durations and sizes */

#define SECOND INT64_C(1000000000)

typedef struct Unit {
    const char *name;
    int64_t factor;
} Unit;

/* Largest first: in a duration they stand in this order. */
static const Unit duration_units[] = {
    { "d", 86400 * SECOND }, { "h", 3600 * SECOND },  { "m", 60 * SECOND },
    { "s", SECOND },         { "ms", SECOND / 1000 },
};

static const Unit size_units[] = {
    { "", 1 },
    { "B", 1 },
    { "KB", 1000 },
    { "MB", 1000000 },
    { "GB", 1000000000 },
    { "TB", 1000000000000 },
    { "PB", 1000000000000000 },
    { "EB", 1000000000000000000 },
    { "KiB", INT64_C(1) << 10 },
    { "MiB", INT64_C(1) << 20 },
    { "GiB", INT64_C(1) << 30 },
    { "TiB", INT64_C(1) << 40 },
    { "PiB", INT64_C(1) << 50 },
    { "EiB", INT64_C(1) << 60 },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

bool seconds_to_ns(double seconds, int64_t *ns) {
    return float_to_int(round(seconds * (double)SECOND), ns);
}

/* Digits after a point of a duration below a second, without the zeros at their end. */
static size_t fraction_format(uint64_t fraction, int width, char *out) {
    size_t n = (size_t)snprintf(out, 12, ".%0*llu", width, (unsigned long long)fraction);
    while (out[n - 1] == '0') {
        out[--n] = '\0';
    }
    return n;
}

size_t duration_format(int64_t ns, char *out) {
    uint64_t rest = magnitude(ns);
    char *p = out;
    if (rest == 0) {
        strcpy(out, "0s");
        return 2;
    }
    if (ns < 0) {
        *p++ = '-';
    }
    for (size_t i = 0; i < COUNT(duration_units) && rest > 0; i++) {
        uint64_t factor = (uint64_t)duration_units[i].factor;
        bool smallest = i == COUNT(duration_units) - 1;
        if (rest < factor && !smallest) {
            continue;
        }
        p += unsigned_format(rest / factor, p);
        rest %= factor;
        if (smallest && rest > 0) {
            p += fraction_format(rest, 6, p);
        }
        p = stpcpy(p, duration_units[i].name);
    }
    return (size_t)(p - out);
}

size_t seconds_format(int64_t ns, char *out) {
    uint64_t whole = magnitude(ns) / SECOND, fraction = magnitude(ns) % SECOND;
    size_t n = ns < 0;
    out[0] = '-';
    n += unsigned_format(whole, out + n);
    return fraction == 0 ? n : n + fraction_format(fraction, 9, out + n);
}

/* A number as literals have it, "1_000.5": the part before the point, and what follows it as
 * digits / power. */
typedef struct Literal {
    int64_t whole;
    uint64_t digits, power;
    bool range; /* too large: the values are of no use */
} Literal;

/* Reads a run of digits with single underscores between them into *l; false: there is none. */
static bool read_digits(const char **p, const char *end, bool behind_point, Literal *l) {
    const char *start = *p;
    for (; *p < end; ++*p) {
        if (**p == '_' && *p > start && *p + 1 < end && is_digit((*p)[1])) {
            continue;
        }
        if (!is_digit(**p)) {
            break;
        }
        int digit = **p - '0';
        if (!behind_point) {
            l->range |= __builtin_mul_overflow(l->whole, 10, &l->whole) ||
                        __builtin_add_overflow(l->whole, digit, &l->whole);
        } else if (l->power < UINT64_C(1000000000000000000)) {
            l->digits = l->digits * 10 + (uint64_t)digit;
            l->power *= 10;
        }
    }
    return *p > start;
}

static const Unit *read_unit(const char **p, const char *end, const Unit *units, size_t n) {
    const char *start = *p;
    while (*p < end && !is_digit(**p)) {
        ++*p;
    }
    for (size_t i = 0; i < n; i++) {
        size_t length = strlen(units[i].name);
        if (length == (size_t)(*p - start) && memcmp(start, units[i].name, length) == 0) {
            return &units[i];
        }
    }
    return NULL;
}

/* Adds one number with its unit to *sum and returns the unit; NULL: not one. Sets *range when the sum
 * is out of range, and leaves it in an unknown state then. */
static const Unit *read_amount(const char **p, const char *end, const Unit *units, size_t n,
                               int64_t *sum, bool *range) {
    Literal l = { .power = 1 };
    if (!read_digits(p, end, false, &l)) {
        return NULL;
    }
    if (*p < end && **p == '.') {
        ++*p;
        if (!read_digits(p, end, true, &l)) {
            return NULL;
        }
    }
    const Unit *unit = read_unit(p, end, units, n);
    int64_t amount;
    if (!unit) {
        return NULL;
    }
    int64_t fraction = (int64_t)((Wide)l.digits * (uint64_t)unit->factor / l.power);
    *range |= l.range || __builtin_mul_overflow(l.whole, unit->factor, &amount) ||
              __builtin_add_overflow(amount, fraction, &amount) ||
              __builtin_add_overflow(*sum, amount, sum);
    return unit;
}

static const char *skip_sign(const char *text, size_t n) {
    return text + (n > 0 && text[0] == '-');
}

/* The sum with the sign of the text. */
static NumberStatus amount_read(const char *text, int64_t sum, bool range, int64_t *amount) {
    if (range) {
        return NUMBER_RANGE;
    }
    *amount = text[0] == '-' ? -sum : sum;
    return NUMBER_OK;
}

NumberStatus duration_read(const char *text, size_t n, int64_t *ns) {
    const char *p = skip_sign(text, n), *end = text + n;
    const Unit *left = duration_units, *stop = duration_units + COUNT(duration_units);
    int64_t sum = 0;
    bool range = false;
    do {
        const Unit *unit = read_amount(&p, end, left, (size_t)(stop - left), &sum, &range);
        if (!unit) {
            return NUMBER_BAD;
        }
        left = unit + 1;
    } while (p < end);
    return amount_read(text, sum, range, ns);
}

NumberStatus size_read(const char *text, size_t n, int64_t *bytes) {
    const char *p = skip_sign(text, n), *end = text + n;
    int64_t sum = 0;
    bool range = false;
    if (!read_amount(&p, end, size_units, COUNT(size_units), &sum, &range) || p != end) {
        return NUMBER_BAD;
    }
    return amount_read(text, sum, range, bytes);
}

bool duration_parse(const char *text, size_t n, int64_t *ns) {
    return duration_read(text, n, ns) == NUMBER_OK;
}

bool size_parse(const char *text, size_t n, int64_t *bytes) {
    return size_read(text, n, bytes) == NUMBER_OK;
}
