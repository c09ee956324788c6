/*
 * filehash.h - digests of files and folders by content.
 */
#ifndef DAG_CORE_FILEHASH_H
#define DAG_CORE_FILEHASH_H

#include <sys/stat.h>

#include "core/digest.h"

/* The digest of a file's bytes. False: errno; of what is no file (plain.h) nobody knows the content. */
bool filehash_content(const char *path, Digest *digest);

/* The digest of a folder's tree: names, kinds, contents and which files may be executed, in bytewise
 * order of names; dot files count, folders named
 * `.dag` do not. A link to a file counts as that file, a link to a folder by its target's path. `file`
 * gives the digest of each file. False: something cannot be read, or is nested past 200 folders. */
bool filehash_tree(const char *path,
                   bool (*file)(void *self, const char *path, const struct stat *status,
                                Digest *digest),
                   void *self, Digest *digest);

#endif
