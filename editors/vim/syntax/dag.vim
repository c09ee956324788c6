" Vim syntax file: pipelines of dagcc.
"
" A word is a keyword where it is no name: not behind . , | < ( [ -> => or a word that declares a name, and not
" before . : -> =>. The lists of words are those of the compiler.
if exists('b:current_syntax')
  finish
endif

" made by make docs: words items
let s:items = 'import|type|plugin|pipeline|stage|input|config|output|in|out|run|exec|script|native|c|call|map'
" made by make docs: words attributes
let s:attributes = 'fan|when|timeout|stall_grace|retry|cacheable|uncacheable|tags|kind|resources|max_parallel|max_tasks|barrier|may_fail|gate|isolate|env|on_error|hook'
" made by make docs: words attributes-WORD
let s:with_word = 'kind|on_error'
" made by make docs: words attributes-WORDS
let s:with_words = 'tags'
" made by make docs: words attributes-FAN
let s:with_mode = 'fan'
" made by make docs: words attributes-ENV
let s:with_variable = 'env'
" made by make docs: words attributes-HOOK
let s:with_event = 'hook'
" made by make docs: words parts
let s:parts = 'as|link|pkg|include|over|by|on|backoff|grow|where|order|take'
" made by make docs: words suffixes
let s:suffixes = 'desc|merge|any|temp|passthrough'
" made by make docs: words conditions
let s:conditions = 'and|or|not|exists|contains|matches|starts_with|ends_with'
" made by make docs: words types
let s:types = 'bool|int|float|string|duration|size|file|dir|secret|json|list|map|stream'
" made by make docs: words heads
let s:heads = 'input|config|out|it|run|task|stdout|stderr|exit'
" made by make docs: words pipes
let s:pipes = 'add|sub|mul|div|round|upper|lower|title|trim|strip|lstrip|rstrip|replace|truncate|prepend|append|pad|split|lines|match|starts_with|ends_with|contains|urlencode|urldecode|quote|raw|basename|dirname|stem|ext|default|required|nonempty|first|last|nth|join|flatten|compact|sort|unique|reverse|length|int|float|string|bool|json|json_get|as|not|eq|neq|gt|lt|in'

" A match of one of the words where it may be a keyword; `more`: further arguments.
function s:Words(group, words, before, after, more) abort
  execute 'syntax match' a:group '/' . a:before . '\<\%(' . substitute(a:words, '|', '\\|', 'g') . '\)\>' . a:after . '/' a:more
endfunction
let s:no_name = '\%([.,|<([]\s*\|[-=]>\s*\)\@10<!'
let s:no_port = '\%(\s*\%([.:]\|->\|=>\)\)\@!'

let s:named = join([s:with_word, s:with_words, s:with_mode, s:with_variable, s:with_event], '|')
call s:Words('dagAttribute', s:attributes, s:no_name, s:no_port, '')
call s:Words('dagAttribute', s:named, s:no_name, s:no_port, 'nextgroup=dagWord skipwhite')
call s:Words('dagStatement', s:parts . '|' . s:suffixes, s:no_name, s:no_port, '')
call s:Words('dagOperatorWord', s:conditions, s:no_name, s:no_port, '')
call s:Words('dagKeyword', s:items, s:no_name, s:no_port, 'nextgroup=dagName skipwhite')
call s:Words('dagOperatorWord', 'in|not in', s:no_name, '\%(\s*\%([.:]\|->\|=>\)\|\s\+\w\+\s*:\)\@!', '')
syntax match dagKeyword /\%(=\s*\)\@<=glob\>\ze\s*["']/
syntax match dagName /\h\w*/ contained
syntax match dagWord /\h\w*\%(\s*,\s*\h\w*\)*/ contained

call s:Words('dagType', s:types, '\%(:\s*\|\w<\|,\s*\|=\s*\)\@10<=', '\%(\s*[.(:]\)\@!', '')
syntax match dagType /\<enum\>\ze\s*(/
call s:Words('dagHead', s:heads, '\%([.|]\s*\)\@10<!', '\ze\s*\.', '')
call s:Words('dagHead', s:heads, '\%([.|]\s*\)\@10<!', '', 'contained')
call s:Words('dagPipe', s:pipes, '\%(|\s*\)\@10<=', '', '')
syntax keyword dagConstant true false null
syntax match dagNumber /\%(\w\)\@1<!-\=\d[0-9_]*\%(\.\d[0-9_]*\)\=\%([eE][+-]\=\d\+\)\=\>/
syntax match dagNumber /\%(\w\)\@1<!-\=\d[0-9_]*\%(\.\d\+\)\=\%([KMGTP]i\=\)\=B\>/
syntax match dagNumber /\%(\w\)\@1<!-\=\%(\d[0-9_]*\%(\.\d\+\)\=\%(ms\|[smhd]\)\)\+\>/
syntax match dagOperator /->\|=>\|[=!<>]=\|||\|&&/

syntax match dagComment /#.*/ contains=dagTodo,@Spell
syntax match dagDoc /##.*/ contains=dagTodo,@Spell
syntax keyword dagTodo TODO FIXME XXX contained

syntax match dagEscape /\\u{\x\+}\|\\./ contained
syntax cluster dagInside contains=dagText,dagRaw,dagPipe,dagHead,dagConstant,dagNumber,dagType
syntax region dagExpr matchgroup=dagDelimiter start=/<\ze[A-Za-z_"'[{]/ end=/>/ contained contains=@dagInside
syntax region dagExpr matchgroup=dagDelimiter start=/\w\@1<!<\ze[A-Za-z_"'[{]/ end=/>/ oneline contains=@dagInside
syntax region dagText start=/"/ skip=/\\./ end=/"/ end=/$/ contains=dagEscape,dagExpr
syntax region dagText3 start=/"""/ skip=/\\./ end=/"""/ contains=dagEscape,dagExpr
syntax region dagRaw start=/'/ end=/'/ oneline
syntax region dagRaw3 start=/'''/ end=/'''/
syntax sync minlines=200

highlight default link dagKeyword Keyword
highlight default link dagAttribute Keyword
highlight default link dagStatement Statement
highlight default link dagOperatorWord Operator
highlight default link dagName Identifier
highlight default link dagWord Constant
highlight default link dagType Type
highlight default link dagHead Special
highlight default link dagPipe Function
highlight default link dagConstant Constant
highlight default link dagNumber Number
highlight default link dagOperator Operator
highlight default link dagComment Comment
highlight default link dagDoc SpecialComment
highlight default link dagTodo Todo
highlight default link dagEscape SpecialChar
highlight default link dagDelimiter Delimiter
highlight default link dagExpr Normal
highlight default link dagText String
highlight default link dagText3 String
highlight default link dagRaw String
highlight default link dagRaw3 String

let b:current_syntax = 'dag'
