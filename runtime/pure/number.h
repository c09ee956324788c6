/*
 * number.h - numbers as decimal text and back, whatever the locale is.
 */
#ifndef DAG_PURE_NUMBER_H
#define DAG_PURE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NUMBER_TEXT 64 /* bytes that hold any number or duration as text, with its NUL */

/* They write the text with a NUL to `out` (NUMBER_TEXT bytes) and return its length. */
size_t int_format(int64_t i, char *out);
/* The shortest decimal that reads back the same, with a point or an exponent: 2.0, 0.1, 1e+20. */
size_t float_format(double f, char *out);
/* The shortest exact form: 1h30m, 250ms, 0s. */
size_t duration_format(int64_t ns, char *out);
/* As a decimal number of seconds: 90, 0.25. */
size_t seconds_format(int64_t ns, char *out);

typedef enum NumberStatus { NUMBER_OK, NUMBER_BAD, NUMBER_RANGE } NumberStatus;

/* Reads all n bytes: sign, decimal digits. */
NumberStatus int_parse(const char *text, size_t n, int64_t *i);
/* Reads all n bytes: sign, digits with a point among them, exponent. Too small is 0. */
NumberStatus float_parse(const char *text, size_t n, double *f);

/* Read all n bytes as duration_parse and size_parse (value.h) do, and tell apart what is none. */
NumberStatus duration_read(const char *text, size_t n, int64_t *ns);
NumberStatus size_read(const char *text, size_t n, int64_t *bytes);

/* Rounds to `places` decimals (negative: tens, hundreds …), half away from zero, as the shortest
 * decimal form reads: 2.675 to 2 places is 2.68. May overflow to infinity. */
double float_round(double f, int64_t places);

/* False: f is not finite or, cut to an integer, out of range. */
bool float_to_int(double f, int64_t *i);

/* Nanoseconds of a number of seconds, to the nearest. False: out of range. */
bool seconds_to_ns(double seconds, int64_t *ns);

#endif
