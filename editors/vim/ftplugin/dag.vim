" Vim filetype plugin: pipelines of dagcc.
if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1

setlocal commentstring=#\ %s
setlocal comments=b:##,b:#
setlocal formatoptions-=t formatoptions+=croql
setlocal expandtab shiftwidth=2 softtabstop=2
setlocal suffixesadd=.dag
setlocal define=^\\s*\\%(pipeline\\|plugin\\|stage\\|type\\)\\>
setlocal include=^\\s*import\\s\\+"\\zs[^"]*
if executable('dagcc')
  setlocal formatprg=dagcc\ fmt\ -
  setlocal makeprg=dagcc\ --check\ --color\ never\ %:S
  setlocal errorformat=%f:%l:%c:\ %trror[%*[^]]]:\ %m,%f:%l:%c:\ %tarning[%*[^]]]:\ %m,%-G%.%#
endif

let b:undo_ftplugin = 'setlocal commentstring< comments< formatoptions< expandtab< shiftwidth< softtabstop<'
      \ . ' suffixesadd< define< include< formatprg< makeprg< errorformat<'
