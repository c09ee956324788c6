/*
 * fingerprint.h - the cache key of a task: a digest of everything that can change its result.
 *
 * It has named parts, so that a difference can be explained: the stage's definition, each input,
 * each run input that the stage mentions, the task's key where an expression mentions it. Files
 * count by name, content and whether they may be executed, folders by their whole tree. Secrets
 * count by a keyed digest: what is kept of it tells nothing to who has not the key.
 *
 * Where files are does not count, but for stages whose results are files that they found: those
 * results are paths. Such a stage runs again for the same files at another place, unless that place
 * is a task's.
 */
#ifndef DAG_CORE_FINGERPRINT_H
#define DAG_CORE_FINGERPRINT_H

#include <sys/stat.h>

#include "core/definition.h"
#include "core/reuse.h"

/* What fingerprints need from the world. */
typedef struct FingerprintWorld {
    void *self;
    int (*stat)(void *self, const char *path, struct stat *status); /* as stat */
    /* The digest of a regular file; the store remembers it with size and times. False: it cannot be
     * read. */
    bool (*file)(void *self, const char *path, const struct stat *status, Digest *digest);
    /* What stood in a temporary file or folder that was deleted after use, and what stat would have
     * said; false: there was none. NULL: there never is. */
    bool (*gone)(void *self, const char *path, struct stat *status, Digest *digest);
    /* SIPHASH_KEY bytes for what stands in for secrets; NULL: there is no such key. */
    const unsigned char *(*key)(void *self);
    const char *own; /* folder in which tasks work: what is below was made by them */
} FingerprintWorld;

typedef struct FingerprintPart {
    const char *name; /* "input text", "run input root", "key"; in the arena */
    Digest digest;
    const char *text; /* the value for people, files with size and digest */
} FingerprintPart;

typedef struct Fingerprint {
    Digest key;
    Digest definition;
    uint64_t
        places; /* of where its files are: tasks with the same key and places have the same inputs */
    const FingerprintPart *parts; /* in the order of the program; none unless texts are asked for */
    size_t nparts;
} Fingerprint;

/* What is known of the stages of a program, once per run. */
typedef struct Fingerprints Fingerprints;
Fingerprints *fingerprints_new(const dag_program *program); /* NULL without memory */
void fingerprints_free(Fingerprints *fingerprints);

/* May results of the stage be reused: it is cacheable, runs something, and neither mentions run.id or
 * task.attempt nor calls what is not cacheable? */
bool fingerprint_reusable(const Fingerprints *fingerprints, uint32_t stage);

/* Do its own expressions mention what differs from run to run, run.id or task.attempt? */
bool fingerprint_impure(const Fingerprints *fingerprints, uint32_t stage);

/* What its expressions mention; the program, and a digester for who digests a task by himself. */
const StageUses *fingerprint_uses(Fingerprints *fingerprints, uint32_t stage,
                                  const dag_program **program, Digester **digester);

/* Of its definition. */
Digest fingerprint_definition(const Fingerprints *fingerprints, uint32_t stage);

/* Can what the stage reads change while it runs: is there a file or folder among it? */
bool fingerprint_reads_files(const Fingerprints *fingerprints, uint32_t stage);

/* The fingerprint of a task; with `texts`, its parts too, in question->arena. False: a
 * file cannot be read, or a secret has no key. */
bool fingerprint_task(Fingerprints *fingerprints, const ReuseQuestion *question,
                      const FingerprintWorld *world, bool texts, Fingerprint *fingerprint);

#endif
