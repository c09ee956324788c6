/* version.h - what `dagcc --version` and the tool's name in SARIF say. */
#ifndef DAGCC_VERSION_H
#define DAGCC_VERSION_H

#define DAGCC_VERSION "0.1.0"

#endif
