#!/usr/bin/env python3
"""Prints what the compiler can say about a user's text and no golden test shows with its full text.

Usage: messages.py [--list]     in the project's folder; --list prints all wordings with their places

The wordings are read from the sources: the string literals in the calls of diag.h (and of the macros
and functions in REPORTERS that end there), and every other literal of two words or more in the files
of the compiler, but for those in OTHER, which print something else. A conversion (%s) stands for
anything, so each wording of a row of errors.def with several is asked for. A literal that is the
message itself must stand behind its code: `error[E0301]: …`. Each row of errors.def needs a message.
"""
import glob
import re
import sys

# Name of a function or macro: which argument is the format (from 0), which the code (None: not given).
REPORTERS = {
    "diag_report": (3, 1),
    "REPORT": (3, 1),
    "REPORT_SURE": (3, 1),
    "REPORT_BLOCK": (3, 1),
    "diag_label": (2, None),
    "diag_note": (3, None),
    "diag_help": (2, None),
    "diag_fix": (5, None),
    "FIX": (5, None),
}

TOKEN = re.compile(
    r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|[A-Za-z_]\w*|\d\w*|\s+|.', re.S)
CONVERSION = re.compile(r"%[-+ #0]*(?:\d+|\*)?(?:\.(?:\d+|\*))?(?:hh|h|ll|l|z|j|t)?[diouxXcsfgp%]")
ESCAPES = {"n": "\n", "t": "\t", "0": "\0", "r": "\r"}


def tokens(text):
    """(text, line) of every token that is neither space nor comment."""
    line = 1
    for found in TOKEN.finditer(text):
        word = found.group()
        if not word.isspace() and not word.startswith(("/*", "//")):
            yield word, line
        line += word.count("\n")


def literal(word):
    text = re.sub(r"\\x([0-9a-fA-F]+)", lambda m: chr(int(m.group(1), 16)), word[1:-1])
    return re.sub(r"\\(.)", lambda m: ESCAPES.get(m.group(1), m.group(1)), text)


def arguments(words, at):
    """The arguments of the call whose `(` is at words[at], as lists of tokens."""
    args, depth = [[]], 0
    for word, line in words[at:]:
        depth += word in "([{"
        if depth == 1 and word == ",":
            args.append([])
        elif depth > 1 or word not in "([{)]}":
            args[-1].append((word, line))
        depth -= word in ")]}"
        if depth == 0:
            return args
    return args


def literals(words):
    """The string literals among tokens, neighbours joined: (text, line)."""
    made, open_ = [], False
    for word, line in words:
        if word[0] == '"':
            if open_:
                made[-1] = (made[-1][0] + literal(word), made[-1][1])
            else:
                made.append((literal(word), line))
        open_ = word[0] == '"'
    return made


def pattern(text):
    parts, at = [], 0
    for found in CONVERSION.finditer(text):
        parts += [re.escape(text[at:found.start()]), "%" if found.group() == "%%" else ".*"]
        at = found.end()
    return "".join(parts + [re.escape(text[at:])])


class Wordings:
    """What can be said: (file, line, code or None, text), each once."""

    def __init__(self):
        self.all = {}

    def add(self, path, line, code, text):
        if re.search("[A-Za-z]", CONVERSION.sub("", text)):
            self.all.setdefault((code, text), (path, line))

    def call(self, path, words, at, reporter):
        form, code_at = reporter
        args = arguments(words, at)
        codes = [w for w, _ in args[code_at] if re.fullmatch(r"[EW]\d{4}", w)] if code_at else []
        for n, arg in enumerate(args):
            for text, line in literals(arg):
                of_code = codes[0] if n == form and len(codes) == 1 else None
                self.add(path, line, of_code, text)

    def file(self, path):
        words = list(tokens(open(path, encoding="utf-8").read()))
        taken = set()
        for at, (word, _) in enumerate(words[:-1]):
            if word in REPORTERS and words[at + 1][0] == "(":
                self.call(path, words, at + 1, REPORTERS[word])
                taken.update(line for _, line in sum(arguments(words, at + 1), []))
        if not any(re.fullmatch(other, path) for other in OTHER):
            for text, line in literals(words):
                if line not in taken and re.search(r"[A-Za-z]{2,} [A-Za-z`]", text):
                    self.add(path, line, None, text)


# Files whose other texts are no messages about the user's text.
OTHER = [r"compiler/(main|(back|link|tools)/\w+|base/(argv|diag\w*|home|options|outfile)|"
         r"syntax/(ast_print|build\w*|docs)|model/(code|fold))\.c"]


def main():
    said = Wordings()
    for path in sorted(glob.glob("compiler/**/*.c", recursive=True) + ["grammar/dag.re", "grammar/dag.y"]):
        said.file(path)
    if "--list" in sys.argv:
        for (code, text), (path, line) in said.all.items():
            print(f"{path}:{line}: {code or '-'}: {text!r}")
        return 0
    golden = "\n".join(open(f, encoding="utf-8", errors="replace").read()
                       for f in sorted(glob.glob("tests/golden/*.err")))
    for code in re.findall(r"^(?:ERROR|WARNING)\((\w+)", open("compiler/base/errors.def").read(), re.M):
        if f"[{code}]: " not in golden:
            print(f"compiler/base/errors.def: no tests/golden/*.err has a message {code}")
    for (code, text), (path, line) in said.all.items():
        before = rf"\[{code}\]: " if code else ""
        if not re.search(before + pattern(text), golden):
            print(f"{path}:{line}: no tests/golden/*.err has{' ' + code if code else ''}: {text!r}")
    return 0


sys.exit(main())
