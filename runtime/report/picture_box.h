/*
 * picture_box.h - the words in and behind the boxes of a picture (picture.c).
 */
#ifndef DAG_REPORT_PICTURE_BOX_H
#define DAG_REPORT_PICTURE_BOX_H

#include "report/picture.h"

/* Fills name, lines and tip. `reads`: by run input, those that the box shall name. */
void box_fill(Arena *arena, const dag_program *program, Box *box, const bool *reads);

#endif
