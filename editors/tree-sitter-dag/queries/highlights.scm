; Highlights for tree-sitter; capture names as Neovim, Helix and Zed know them.
(comment) @comment
(documentation) @comment.documentation

[
  "import" "as" "type" "plugin" "pipeline" "stage" "input" "config" "output" "in" "out" "run" "exec"
  "script" "native" "c" "call" "map" "over" "link" "pkg" "include" "glob" "hook"
] @keyword
[ "where" "order" "by" "desc" "take" "on" "merge" "any" "temp" "passthrough" "backoff" "grow" ] @keyword
(attribute) @attribute
[ "and" "or" "not" "exists" ] @keyword.operator
[ "->" "=>" "==" "!=" "<=" ">=" "=" "|" "?" ] @operator
[ "{" "}" "[" "]" "(" ")" ] @punctuation.bracket
[ "," ":" "." ] @punctuation.delimiter
(interpolation [ "<" ">" ] @punctuation.special)
(expression [ "<" ">" ] @punctuation.special)

(number) @number
(duration) @number
(size) @number
(boolean) @constant.builtin
(null) @constant.builtin
(string) @string
(raw) @string
(escape) @string.escape

(pipeline name: (identifier) @module)
(plugin name: (identifier) @function)
(stage name: (identifier) @function)
(endpoint stage: (identifier) @function)
(endpoint port: (identifier) @variable.member)
(input name: (identifier) @variable.parameter)
(config name: (identifier) @variable.parameter)
(output name: (identifier) @variable.parameter)
(in name: (identifier) @variable.parameter)
(out name: (identifier) @variable.parameter)
(parameter name: (identifier) @variable.parameter)
(argument name: (identifier) @variable.parameter)
(native function: (identifier) @function)
(qualified (identifier) @function)
(word) @constant
(case) @constant

(type_declaration name: (identifier) @type)
(type_name (identifier) @type)
((type_name (identifier) @type.builtin)
; made by make docs: words types
  (#match? @type.builtin "^(bool|int|float|string|duration|size|file|dir|secret|json|list|map|stream)$"))
(type_field name: (identifier) @variable.member)

(reference (identifier) @variable)
((reference . (identifier) @variable.builtin)
; made by make docs: words heads
  (#match? @variable.builtin "^(input|config|out|it|run|task|stdout|stderr|exit)$"))
(pipe name: (identifier) @function.call)
((pipe name: (identifier) @function.builtin)
; made by make docs: words pipes
  (#match? @function.builtin "^(add|sub|mul|div|round|upper|lower|title|trim|strip|lstrip|rstrip|replace|truncate|prepend|append|pad|split|lines|match|starts_with|ends_with|contains|urlencode|urldecode|quote|raw|basename|dirname|stem|ext|default|required|nonempty|first|last|nth|join|flatten|compact|sort|unique|reverse|length|int|float|string|bool|json|json_get|as|not|eq|neq|gt|lt|in)$"))
