"""Holds the manuals and the completions against the programs.

check_docs.py PROGRAM...

PROGRAM is a built clevertimfs, and clevertimctl where there is one. Prints what differs, and exits with
1 if anything does:

- the options of --help are those of the manual and of each shell's completion;
- each sentence under DIAGNOSTICS in clevertimfs(1) is one that the code can say, and the other way round.
"""

import os
import re
import subprocess
import sys

SHARE = "fs/share"
faults = []


def fault(text):
    faults.append(text)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def compare(what, expected, found):
    for name in sorted(expected - found):
        fault(f"{what}: {name} is missing")
    for name in sorted(found - expected):
        fault(f"{what}: {name} is in no --help")


# ---- options ----


def help_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


FLAG = re.compile(r"(?<![\w-])(--?[A-Za-z][\w-]*)")


def flags_in_help(text):
    """The flags in the lists of a help: "  -h, --help  this text"."""
    flags = set()
    for line in text.splitlines():
        entry = re.match(r"  (-.+?)(?:  |$)", line)
        if entry:
            flags |= set(FLAG.findall(entry[1]))
    return flags


def mount_options_in_help(text):
    """What may stand behind -o: "  ttl=SECONDS   how old ...", "  uid=N, gid=N"."""
    options = set()
    for line in text.splitlines():
        entry = re.match(r"  ([a-z_]+(?:=\S+)?(?:, (?:[a-z_]+(?:=\S+)?|\.\.\.))*)(?:,?$|:|  )", line)
        if entry and not line.startswith("  -"):
            options |= set(re.findall(r"(?:^|, )([a-z][a-z_]+)", entry[1]))
    return options


def section_of(manual, name):
    return re.search(rf"^\.Sh {name}\n(.*?)(?=^\.Sh |\Z)", manual, re.M | re.S)[1]


def flags_in_manual(section):
    flags = set()
    for item in re.findall(r"^\.It (Fl .*)$", section, re.M):
        for word in re.findall(r"Fl (-?[\w-]+)", item):
            flags.add("-" + word)
    return flags


def mount_options_in_manual(section):
    return set(re.findall(r"^\.It Cm (\w+)", section, re.M))


# ---- completions ----


def bash_offers(command, words):
    """What the completion has for the last of the words of a line."""
    script = """
      source "$1"; shift
      COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE} COMPREPLY=()
      "_$1" "$1" "${!#}" ''
      printf '%s\\n' "${COMPREPLY[@]}"
    """
    file = f"{SHARE}/completion/{command}.bash"
    said = subprocess.run(
        ["bash", "-c", script, "-", file, command, *words], capture_output=True, text=True, check=False
    )
    if said.stderr:
        fault(f"{file}: {said.stderr.strip()}")
    return {line.strip() for line in said.stdout.splitlines() if line.strip()}


def fish_offers(command, line):
    file = f"{SHARE}/completion/{command}.fish"
    script = f"source {file}; complete -C '{command} {line}'"
    said = subprocess.run(["fish", "-N", "-c", script], capture_output=True, text=True, check=False)
    if said.stderr:
        fault(f"{file}: {said.stderr.strip()}")
    return {entry.split("\t")[0] for entry in said.stdout.splitlines() if entry}


def names(offers):
    return {re.sub(r"=.*", "", offer.split(",")[-1]) for offer in offers}


def zsh_flags(text):
    """Flags in the specifications of _arguments: '(-h --help)'{-h,--help}'[...]', '-f[...]'."""
    flags = set()
    for group in re.findall(r"\{(-[^}]*)\}", text):
        flags |= {flag.rstrip("+=") for flag in group.split(",")}
    return flags | set(re.findall(r"'(?:\([^)]*\))?\*?(--?[\w-]+)[+=-]?\[", text))


def zsh_mount_options(text):
    return set(re.findall(r"^\s+'(?:\([^)]*\))?([a-z_]+)\[", text, re.M))


def flags_only(offers):
    return {name for name in names(offers) if name.startswith("-")}


def check_clevertimfs(program):
    text = help_of(program, "--help")
    flags, options = flags_in_help(text), mount_options_in_help(text)
    if len(flags) < 8 or len(options) < 20:
        fault(f"--help of clevertimfs is not understood: {sorted(flags)} {sorted(options)}")
    section = section_of(read(f"{SHARE}/man/clevertimfs.1"), "OPTIONS")
    compare("clevertimfs(1), flags", flags, flags_in_manual(section))
    compare("clevertimfs(1), -o", options, mount_options_in_manual(section))
    compare("bash, flags", flags, flags_only(bash_offers("clevertimfs", ["-"])))
    compare("bash, -o", options, names(bash_offers("clevertimfs", ["-o", ""])))
    fish = fish_offers("clevertimfs", "-") | fish_offers("clevertimfs", "--")
    compare("fish, flags", flags, {flag for flag in flags_only(fish) if re.fullmatch(r"-[^-]|--.*", flag)})
    compare("fish, -o", options, names(fish_offers("clevertimfs", "-o ")))
    zsh = read(f"{SHARE}/completion/_clevertimfs")
    compare("zsh, flags", flags, zsh_flags(zsh))
    compare("zsh, -o", options, zsh_mount_options(zsh))


def verbs_in_help(text):
    return set(re.findall(r"^  ([a-z]+)(?: \[?[A-Z]\S*)*  ", text, re.M))


def check_clevertimctl(program):
    overview = help_of(program, "--help")
    verbs = verbs_in_help(overview)
    manual = read(f"{SHARE}/man/clevertimctl.1")
    compare(
        "clevertimctl(1), verbs",
        verbs,
        set(re.findall(r"^\.It Cm (\w+)$", section_of(manual, "DESCRIPTION"), re.M)),
    )
    compare("bash, verbs", verbs, bash_offers("clevertimctl", [""]))
    compare("fish, verbs", verbs, fish_offers("clevertimctl", ""))
    zsh = read(f"{SHARE}/completion/_clevertimctl")
    compare("zsh, verbs", verbs, set(re.findall(r"^\s+'([a-z]+):", zsh, re.M)))
    flags = flags_in_help(overview)
    for verb in sorted(verbs - {"help"}):
        own = flags_in_help(help_of(program, verb, "--help"))
        flags |= own
        compare(f"bash, {verb}", own, flags_only(bash_offers("clevertimctl", [verb, "-"])))
        fish = fish_offers("clevertimctl", f"{verb} -") | fish_offers("clevertimctl", f"{verb} --")
        compare(f"fish, {verb}", own, {flag for flag in flags_only(fish) if re.fullmatch(r"-[^-]|--.*", flag)})
    compare("clevertimctl(1), flags", flags, flags_in_manual(section_of(manual, "OPTIONS")))
    compare("zsh, clevertimctl", flags, zsh_flags(zsh))


# ---- sentences ----

STRING = r'"(?:[^"\\]|\\.)*"'
COMMENT_OR_CHARACTER = r"/\*.*?\*/|//[^\n]*|'(?:[^'\\]|\\.)+'"


def without_comments(code):
    return re.sub(f"({STRING})|{COMMENT_OR_CHARACTER}", lambda found: found[1] or " ", code, flags=re.S)


def files(ending, *folders):
    for folder in folders:
        for name in sorted(os.listdir(folder)):
            if name.endswith(ending):
                yield f"{folder}/{name}"


def sources(*folders):
    headers = "".join(read(path) for path in files(".h", *folders))
    macros = dict(re.findall(rf"#define (\w+) ({STRING})$", headers, re.M))
    for path in files(".c", *folders):
        code = without_comments(read(path))
        for name, literal in macros.items():
            code = re.sub(rf"\b{name}\b", lambda _, literal=literal: literal, code)
        yield path, code


def join(literals):
    text = "".join(literal[1:-1] for literal in re.findall(STRING, literals))
    text = text.replace('\\"', '"').replace("\\n", "").replace("\\\\", "\\")
    return text.removeprefix("clevertimfs: ")


def pattern_of(text):
    """A printf format as a pattern, and how many of its characters are fixed."""
    pieces = re.split(r"%[-+ #0-9.*l z]*[a-zA-Z]", text)
    return ".+".join(re.escape(piece) for piece in pieces), sum(len(piece) for piece in pieces)


def literals_of_code():
    for _, text in sources("core", "fs"):
        for literals in re.findall(rf"{STRING}(?:\s*(?:[A-Z_]+\s*)?{STRING})*", text):
            yield join(literals)


def problems_of_code():
    """The formats of all problem_set calls, with the file that has them."""
    call = re.compile(rf"problem_set\(\s*[^;\"]*?({STRING}(?:\s*{STRING})*)")
    for path, text in sources("core", "fs"):
        for literals in call.findall(text):
            yield path, join(literals)


def sentences_of_manual():
    section = section_of(read(f"{SHARE}/man/clevertimfs.1").replace("\\\n", ""), "DIAGNOSTICS")
    for sentence in re.findall(r"^\.It Sy (.*)$", section, re.M):
        yield sentence.replace("\\(dq", '"').replace("\\&", "")


def says(fixed_text, sentence):
    pattern, fixed = fixed_text
    return 2 * fixed >= len(sentence) and re.search(pattern, sentence)


def check_sentences():
    manual = list(sentences_of_manual())
    code = [pattern_of(text) for text in literals_of_code() if " " in text]
    for sentence in manual:
        if not any(says(text, sentence) for text in code):
            fault(f"DIAGNOSTICS: nothing says '{sentence}'")
    for path, text in problems_of_code():
        pattern, fixed = pattern_of(text)
        if fixed > 4 and not any(re.search(pattern, sentence) for sentence in manual):
            fault(f"{path}: '{text}' is not under DIAGNOSTICS")


def main(programs):
    os.environ["PATH"] = ":".join([os.path.dirname(program) for program in programs] + [os.environ["PATH"]])
    for program in programs:
        {"clevertimfs": check_clevertimfs, "clevertimctl": check_clevertimctl}[os.path.basename(program)](program)
    check_sentences()
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
