/*
 * complete_script.c - the scripts that set up a shell. Each asks the program at every press of the key
 * (complete.h) and hands on what it says; `@` stands for the name of the program, quoted.
 */
#include "pure/complete.h"

#include <string.h>

/* Bash cuts words at `=`, `:` and `@` too (COMP_WORDBREAKS): they are put together again by what stands
 * on the line, and of each offer goes back only what readline replaces. */
static const char bash_script[] =
    "# Completion for bash.\n"
    "_dag_complete() {\n"
    "    local rest=${COMP_LINE:0:COMP_POINT} word piece= i line program=${COMP_WORDS[0]}\n"
    "    local -a words=()\n"
    "    COMPREPLY=()\n"
    "    for ((i = 0; i <= COMP_CWORD; i++)); do\n"
    "        word=${rest#\"${rest%%[![:space:]]*}\"} piece=${COMP_WORDS[i]}\n"
    "        ((i < COMP_CWORD)) || piece=$word\n"
    "        if ((i > 0)) && [[ $word == \"$rest\" ]]; then\n"
    "            words[${#words[@]}-1]+=$piece\n"
    "        else\n"
    "            words+=(\"$piece\")\n"
    "        fi\n"
    "        rest=${word#\"$piece\"}\n"
    "    done\n"
    "    [[ $piece == *[!=:@]* ]] || piece=\n"
    "    word=${words[${#words[@]}-1]} word=${word%\"$piece\"}\n"
    "    case $program in *[\\$\\`\\;\\&\\|\\<\\>\\(\\)]*) return ;; esac\n"
    "    eval \"program=$program\"\n"
    "    while IFS= read -r line; do\n"
    "        case $line in\n"
    "        :dirs*) compopt -o dirnames ;;\n"
    "        :files*)\n"
    "            line=${line#*$'\\t'} line=${line%%$'\\t'*}\n"
    "            while IFS= read -r rest; do COMPREPLY+=(\"$rest\"); done < <(\n"
    "                [[ $line == '*' ]] || compgen -f -X \"!$line\" -o plusdirs -- \"$piece\")\n"
    "            if ((${#COMPREPLY[@]})); then compopt -o filenames; else compopt -o default; fi\n"
    "            ;;\n"
    "        *)\n"
    "            line=${line%%$'\\t'*}\n"
    "            COMPREPLY+=(\"${line#\"$word\"}\")\n"
    "            ;;\n"
    "        esac\n"
    "    done < <(\"$program\" completion bash -- \"${words[@]:1}\" 2>/dev/null)\n"
    "    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=:,./] ]] && compopt -o nospace\n"
    "    return 0\n"
    "}\n"
    "program=@\n"
    "complete -F _dag_complete -- \"$program\" \"$(printf %q \"$program\")\"\n"
    "unset program\n";

static const char zsh_script[] =
    "#compdef @\n"
    "# Completion for zsh.\n"
    "_dag_complete() {\n"
    "    local line word program=${(Q)words[1]} ret=1\n"
    "    local -a ends goes_on places\n"
    "    [[ $words[1] == \\~* ]] && program=${~words[1]}\n"
    "    for line in \"${(@f)$(\"$program\" completion zsh -- \"${(@)words[2,CURRENT-1]}\" "
    "\"$PREFIX\" "
    "2>/dev/null)}\"; do\n"
    "        word=${line%%$'\\t'*}\n"
    "        case $line in\n"
    "        '') ;;\n"
    "        :(files|dirs)*) places+=(\"$line\") ;;\n"
    "        *[=:,./]$'\\t'*) goes_on+=(\"${word//:/\\\\:}:${line#*$'\\t'}\") ;;\n"
    "        *) ends+=(\"${word//:/\\\\:}:${line#*$'\\t'}\") ;;\n"
    "        esac\n"
    "    done\n"
    "    _describe -V @ ends && ret=0\n"
    "    _describe -V @ goes_on -S '' && ret=0\n"
    "    for line in \"${places[@]}\"; do\n"
    "        local -a parts=(\"${(@ps:\\t:)line}\")\n"
    "        [[ -n $parts[3] ]] && compset -P \"${(b)parts[3]}\"\n"
    "        case $parts[1] in\n"
    "        :dirs) _files -/ && ret=0 ;;\n"
    "        :files) if [[ $parts[2] == '*' ]]; then _files; else _files -g \"$parts[2]\"; fi && "
    "ret=0 ;;\n"
    "        esac\n"
    "    done\n"
    "    return ret\n"
    "}\n"
    "if [[ ${zsh_eval_context[-1]} == loadautofunc ]]; then\n"
    "    _dag_complete \"$@\"\n"
    "else\n"
    "    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }\n"
    "    compdef _dag_complete @\n"
    "fi\n";

static const char fish_script[] =
    "# Completion for fish.\n"
    "function __dag_complete\n"
    "    set -l words (commandline -opc)\n"
    "    set -l typed (commandline -ct)\n"
    "    set -l program (string replace -r '^~(?=/|$)' -- $HOME $words[1])\n"
    "    set -e words[1]\n"
    "    for line in ($program completion fish -- $words \"$typed\" 2>/dev/null)\n"
    "        set -l parts (string split \\t -- $line)\n"
    "        switch $line\n"
    "            case ':files*' ':dirs*'\n"
    "                set -l rest (string sub -s (math 1 + (string length -- \"$parts[3]\")) -- "
    "\"$typed\")\n"
    "                set -l names (__fish_complete_path \"$rest\")\n"
    "                if test $parts[1] = :dirs\n"
    "                    set names (__fish_complete_directories \"$rest\" '')\n"
    "                else if test \"$parts[2]\" != '*'\n"
    "                    set -l ending (string escape --style=regex -- (string sub -s 2 -- "
    "$parts[2]))\n"
    "                    set -l like (string match -r -- '^.*(?:/|'$ending')(?:\\t.*)?$' $names)\n"
    "                    set -q like[1]; and set names $like\n"
    "                end\n"
    "                for name in $names\n"
    "                    echo -- \"$parts[3]$name\"\n"
    "                end\n"
    "            case '*'\n"
    "                echo -- $line\n"
    "        end\n"
    "    end\n"
    "end\n"
    "complete -c @ -k -f -a '(__dag_complete)'\n";

/* In the quotes of a shell. A backslash means something in those of fish, and there alone;
 * a name with a line end, which could end a comment, is not helped. */
static void add_quoted(TextBuffer *out, const char *name, bool fish) {
    buffer_char(out, '\'');
    for (; *name != '\0'; name++) {
        if (*name == '\'')
            buffer_string(out, "'\\''");
        else if (*name == '\\' && fish)
            buffer_string(out, "\\\\");
        else
            buffer_char(out, (unsigned char)*name < ' ' ? '?' : *name);
    }
    buffer_char(out, '\'');
}

/* Names without a sign that a shell would obey stand as they are. */
static void add_name(TextBuffer *out, const char *name, bool fish) {
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.+";
    if (*name != '\0' && name[strspn(name, plain)] == '\0')
        buffer_string(out, name);
    else
        add_quoted(out, name, fish);
}

const char *complete_script(Arena *arena, const char *shell, const char *program) {
    static const struct {
        const char *shell, *script;
    } rows[] = { { "bash", bash_script }, { "zsh", zsh_script }, { "fish", fish_script } };
    const char *slash = strrchr(program, '/');
    TextBuffer out = { .arena = arena };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].shell, shell) != 0)
            continue;
        for (const char *p = rows[i].script; *p != '\0'; p++) {
            bool name = *p == '@' && (p[1] == ' ' || p[1] == '\n');
            if (name)
                add_name(&out, slash != NULL ? slash + 1 : program, i == 2);
            else
                buffer_char(&out, *p);
        }
        return buffer_end(&out);
    }
    return NULL;
}
