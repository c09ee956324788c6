/*
 * runid.c - names for runs, sorted by time and unique without a counter or a source of chance.
 */
#include "core/runid.h"

#include <time.h>

static const int64_t SECOND = 1000000000;

/* Days since 1970-01-01 to year, month, day. After Howard Hinnant's civil_from_days. (gmtime_r may
 * read files on its first call; a run in memory touches none.) */
static void civil(int64_t days, int date[3]) {
    int64_t z = days + 719468;
    int64_t era = z / 146097, doe = z % 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    date[2] = (int)(doy - (153 * mp + 2) / 5 + 1);
    date[1] = (int)(mp < 10 ? mp + 3 : mp - 9);
    date[0] = (int)(yoe + era * 400 + (date[1] <= 2));
}

static char *put(char *at, int64_t number, int digits, int base) {
    for (int i = digits - 1; i >= 0; i--) {
        at[i] = "0123456789abcdef"[number % base];
        number /= base;
    }
    return at + digits;
}

void runid_at(int64_t now, char id[RUNID_SIZE]) {
    int date[3];
    int64_t seconds = now / SECOND, of_day = seconds % 86400;
    civil(seconds / 86400, date);
    char *at = put(put(put(id, date[0], 4, 10), date[1], 2, 10), date[2], 2, 10);
    *at++ = '-';
    at = put(put(put(at, of_day / 3600, 2, 10), of_day / 60 % 60, 2, 10), of_day % 60, 2, 10);
    *at++ = '-';
    at = put(at, now % SECOND / 60, 6, 16);
    *at = '\0';
}

void runid_make(char id[RUNID_SIZE]) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    runid_at((int64_t)t.tv_sec * SECOND + t.tv_nsec, id);
}
