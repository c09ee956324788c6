/*
 * file_kind.c - what a file is, by its extension.
 */
#include "pure/path.h"
#include "pure/value.h"

typedef struct FileType {
    const char *ext, *mime;
} FileType;

static const FileType subtitles[] = {
    { ".srt", "application/x-subrip" },
    { ".sub", "text/x-microdvd" },
    { ".ass", "text/x-ssa" },
    { ".ssa", "text/x-ssa" },
    { ".vtt", "text/vtt" },
    { ".idx", "text/x-vobsub" },
    { NULL, NULL },
};

static const FileType archives[] = {
    { ".zip", "application/zip" },
    { ".rar", "application/vnd.rar" },
    { ".7z", "application/x-7z-compressed" },
    { ".tar", "application/x-tar" },
    { ".gz", "application/gzip" },
    { ".bz2", "application/x-bzip2" },
    { ".xz", "application/x-xz" },
    { ".zst", "application/zstd" },
    { ".tgz", "application/gzip" },
    { NULL, NULL },
};

static const FileType videos[] = {
    { ".mp4", "video/mp4" },       { ".mkv", "video/x-matroska" }, { ".avi", "video/x-msvideo" },
    { ".mov", "video/quicktime" }, { ".wmv", "video/x-ms-wmv" },   { ".flv", "video/x-flv" },
    { ".webm", "video/webm" },     { ".m4v", "video/x-m4v" },      { ".mpg", "video/mpeg" },
    { ".mpeg", "video/mpeg" },     { ".ts", "video/mp2t" },        { NULL, NULL },
};

static const FileType images[] = {
    { ".jpg", "image/jpeg" },    { ".jpeg", "image/jpeg" },
    { ".png", "image/png" },     { ".gif", "image/gif" },
    { ".bmp", "image/bmp" },     { ".webp", "image/webp" },
    { ".svg", "image/svg+xml" }, { ".tiff", "image/tiff" },
    { ".tif", "image/tiff" },    { NULL, NULL },
};

static const FileType audios[] = {
    { ".mp3", "audio/mpeg" }, { ".flac", "audio/flac" }, { ".aac", "audio/aac" },
    { ".ogg", "audio/ogg" },  { ".wav", "audio/wav" },   { ".wma", "audio/x-ms-wma" },
    { ".m4a", "audio/mp4" },  { ".opus", "audio/opus" }, { NULL, NULL },
};

static const FileType texts[] = {
    { ".txt", "text/plain" },
    { ".md", "text/markdown" },
    { ".csv", "text/csv" },
    { ".tsv", "text/tab-separated-values" },
    { ".json", "application/json" },
    { ".jsonl", "application/jsonl" },
    { ".xml", "application/xml" },
    { ".html", "text/html" },
    { ".htm", "text/html" },
    { ".log", "text/plain" },
    { ".yaml", "application/yaml" },
    { ".yml", "application/yaml" },
    { ".toml", "application/toml" },
    { ".ini", "text/plain" },
    { ".dag", "text/plain" },
    { ".c", "text/x-c" },
    { ".h", "text/x-c" },
    { ".py", "text/x-python" },
    { ".sh", "application/x-sh" },
    { NULL, NULL },
};

static const FileType others[] = { { ".pdf", "application/pdf" }, { NULL, NULL } };

typedef struct FileKind {
    const char *name;
    const FileType *types;
} FileKind;

static const FileKind kinds[] = {
    { "subtitle", subtitles }, { "archive", archives }, { "video", videos }, { "image", images },
    { "audio", audios },       { "text", texts },       { "other", others },
};

/* In any case of ASCII letters, which strcasecmp would ask the locale about. */
static bool same_ext(PathPart ext, const char *known) {
    size_t i = 0;
    for (; i < ext.n && known[i]; i++) {
        bool capital = ext.text[i] >= 'A' && ext.text[i] <= 'Z';
        if ((ext.text[i] | (capital ? 32 : 0)) != known[i]) {
            return false;
        }
    }
    return i == ext.n && !known[i];
}

/* The row of a file's extension, or NULL; its kind in *kind, "other" then too. */
static const FileType *find(const char *name, size_t n, const char **kind) {
    PathPart ext = path_ext(name, n);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        *kind = kinds[i].name;
        for (const FileType *t = kinds[i].types; t->ext; t++) {
            if (same_ext(ext, t->ext)) {
                return t;
            }
        }
    }
    return NULL;
}

const char *file_kind(const char *name, size_t n) {
    const char *kind = NULL;
    find(name, n, &kind);
    return kind;
}

const char *file_mime(const char *name, size_t n) {
    const char *kind = NULL;
    const FileType *type = find(name, n, &kind);
    return type ? type->mime : "application/octet-stream";
}
