/*
 * filehash.c - digests of files and folders by content.
 */
#include "core/filehash.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/plain.h"

enum { BLOCK = 1 << 16, DEEPEST = 200 };

bool filehash_content(const char *path, Digest *digest) {
    char block[BLOCK];
    int fd = plain_open(path, O_RDONLY);
    if (fd < 0)
        return false;
    Digester *digester = digester_new();
    ssize_t n = -1;
    while (digester != NULL && (n = read(fd, block, sizeof block)) > 0) {
        digest_bytes(digester, block, (size_t)n);
    }
    int error = errno;
    close(fd);
    if (digester != NULL) {
        *digest = digester_result(digester);
        digester_free(digester);
    }
    errno = error;
    return digester != NULL && n == 0;
}

typedef struct Tree {
    bool (*file)(void *self, const char *path, const struct stat *status, Digest *digest);
    void *self;
    Digester *digester;
    int depth;
} Tree;

static bool put_folder(Tree *tree, const char *path);

static bool put_link(Tree *tree, const char *path) {
    char target[PATH_MAX];
    ssize_t n = readlink(path, target, sizeof target);
    if (n < 0)
        return false;
    digest_number(tree->digester, 'l');
    digest_text(tree->digester, target, (size_t)n);
    return true;
}

static bool put_file(Tree *tree, const char *path, const struct stat *status) {
    Digest digest;
    if (!tree->file(tree->self, path, status, &digest))
        return false;
    digest_number(tree->digester, (status->st_mode & S_IXUSR) != 0 ? 'x' : 'f');
    digest_bytes(tree->digester, digest.bytes, sizeof digest.bytes);
    return true;
}

static bool put_entry(Tree *tree, const char *folder, const char *name) {
    char path[PATH_MAX];
    struct stat here, there;
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return false;
    }
    if (lstat(path, &here) != 0)
        return false;
    digest_text(tree->digester, name, strlen(name));
    if (S_ISDIR(here.st_mode))
        return put_folder(tree, path);
    if (stat(path, &there) == 0 && S_ISREG(there.st_mode))
        return put_file(tree, path, &there);
    if (S_ISLNK(here.st_mode))
        return put_link(tree, path);
    digest_number(tree->digester, here.st_mode & S_IFMT); /* a socket, a device */
    return true;
}

/* A pipeline that reads the folder in which it keeps its own record would find another one each time. */
static bool is_record(const struct dirent *entry) {
    return strcmp(entry->d_name, ".dag") == 0 &&
           (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN);
}

static int counts(const struct dirent *entry) {
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && !is_record(entry);
}

static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

static bool put_folder(Tree *tree, const char *path) {
    struct dirent **entries;
    if (tree->depth >= DEEPEST) {
        errno = ELOOP;
        return false;
    }
    int n = scandir(path, &entries, counts, by_name);
    if (n < 0)
        return false;
    digest_number(tree->digester, 'd');
    digest_number(tree->digester, (uint64_t)n);
    tree->depth++;
    bool good = true;
    for (int i = 0; i < n; i++) {
        good = good && put_entry(tree, path, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    tree->depth--;
    return good;
}

bool filehash_tree(const char *path,
                   bool (*file)(void *self, const char *path, const struct stat *status,
                                Digest *digest),
                   void *self, Digest *digest) {
    Tree tree = { .file = file, .self = self, .digester = digester_new() };
    if (tree.digester == NULL)
        return false;
    bool good = put_folder(&tree, path);
    *digest = digester_result(tree.digester);
    digester_free(tree.digester);
    return good;
}
