/*
 * fingerprint.h - the cache key of a task: a digest of everything that can change its result.
 *
 * It has named parts, so that a difference can be explained: the stage's definition, each input,
 * each run input that the stage mentions, the task's key where an expression mentions it. Files
 * count by content, folders by their whole tree.
 */
#ifndef DAG_CORE_FINGERPRINT_H
#define DAG_CORE_FINGERPRINT_H

#include "core/digest.h"
#include "core/reuse.h"

/* Digests of files; the store remembers them with size and times. */
typedef struct FileDigests {
    void *self;
    /* False: the file or folder cannot be read. */
    bool (*digest)(void *self, const char *path, bool folder, Digest *digest);
} FileDigests;

typedef struct FingerprintPart {
    const char *name; /* "definition", "input text", "run input root", "key"; in the arena */
    Digest digest;
} FingerprintPart;

typedef struct Fingerprint {
    Digest key;
    const FingerprintPart *parts; /* definition first, then in the order of the program */
    size_t nparts;
} Fingerprint;

/* What is known of the stages of a program, once per run. */
typedef struct Fingerprints Fingerprints;
Fingerprints *fingerprints_new(const dag_program *program); /* NULL without memory */
void fingerprints_free(Fingerprints *fingerprints);

/* May results of the stage be reused: it is cacheable, runs something, and mentions neither run.id
 * nor task.attempt? */
bool fingerprint_reusable(const Fingerprints *fingerprints, uint32_t stage);

Digest fingerprint_definition(const Fingerprints *fingerprints, uint32_t stage);

/* The fingerprint of a task, its parts in question->arena. False: a file cannot be read. */
bool fingerprint_task(Fingerprints *fingerprints, const ReuseQuestion *question,
                      const FileDigests *files, Fingerprint *fingerprint);

#endif
