" Prints what each word of a file is highlighted as, a line each: LINE TEXT<TAB>GROUP. For tests:
" vim -es -u NONE -S highlight.vim, with $EDITORS, $SOURCE and $DUMP.
set nocompatible encoding=utf-8
execute 'set runtimepath^=' . fnameescape($EDITORS . '/vim')
filetype plugin indent on
syntax on
execute 'edit' fnameescape($SOURCE)
let lines = []
for lnum in range(1, line('$'))
  let text = getline(lnum)
  let start = 0
  let last = ''
  for col in range(1, len(text) + 1)
    let group = col > len(text) ? '' : synIDattr(synID(lnum, col, 1), 'name')
    if group !=# last
      if last !=# ''
        call add(lines, lnum . ' ' . strpart(text, start, col - 1 - start) . "\t" . last)
      endif
      let start = col - 1
      let last = group
    endif
  endfor
endfor
call writefile(['filetype ' . &filetype] + lines, $DUMP)
qall!
