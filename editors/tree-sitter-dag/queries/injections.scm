; Bodies in other languages. A `run` in double quotes has expressions in it, which are no shell.
((c text: (string (raw) @injection.content)) (#set! injection.language "c"))
((run (string (raw) @injection.content)) (#set! injection.language "bash"))
((script interpreter: (string) @_program text: (string (raw) @injection.content))
  (#match? @_program "python") (#set! injection.language "python"))
((script interpreter: (string) @_program text: (string (raw) @injection.content))
  (#match? @_program "(ba|da|/|^\"|')sh\\b") (#set! injection.language "bash"))
