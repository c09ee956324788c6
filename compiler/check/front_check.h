/*
 * front_check.h - from a tree to a model: what the other rooms ask of check/.
 */
#ifndef DAGCC_FRONT_CHECK_H
#define DAGCC_FRONT_CHECK_H

#include "base/front.h"
#include "model/model.h"

/* Resolves and checks; the model is complete only when no error was reported. (check.c) */
Model *front_check(Front *front, File *file);

#endif
