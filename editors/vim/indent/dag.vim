" Vim indent file: pipelines of dagcc. Brackets indent; strings in three quotes stay as they are.
if exists('b:did_indent')
  finish
endif
let b:did_indent = 1

setlocal indentexpr=GetDagIndent()
setlocal indentkeys=0{,0},0],0),o,O
setlocal autoindent
let b:undo_indent = 'setlocal indentexpr< indentkeys< autoindent<'

if exists('*GetDagIndent')
  finish
endif

" Brackets that a line leaves open, strings and comments left out. A bracket that closes at the beginning
" of the line has been counted by the line itself.
function s:Opens(lnum) abort
  let text = substitute(getline(a:lnum), '\\.', '', 'g')
  let text = substitute(text, '"[^"]*"\|''[^'']*''', '', 'g')
  let text = substitute(text, '#.*', '', '')
  let text = substitute(text, '^\s*[]})]\+', '', '')
  let open = len(substitute(text, '[^[{(]', '', 'g'))
  let close = len(substitute(text, '[^]})]', '', 'g'))
  return open - close
endfunction

function s:InLongString(lnum) abort
  return synIDattr(synID(a:lnum, 1, 0), 'name') =~# '^dag\%(Text\|Raw\)3'
endfunction

function GetDagIndent() abort
  if s:InLongString(v:lnum)
    return -1
  endif
  let before = prevnonblank(v:lnum - 1)
  while before > 0 && s:InLongString(before)
    let before = prevnonblank(before - 1)
  endwhile
  if before == 0
    return 0
  endif
  let opens = s:Opens(before)
  let indent = indent(before) + (opens > 0 ? shiftwidth() : opens < 0 ? -shiftwidth() : 0)
  if getline(v:lnum) =~# '^\s*[]})]'
    let indent -= shiftwidth()
  endif
  return indent < 0 ? 0 : indent
endfunction
