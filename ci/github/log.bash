# shellcheck shell=bash
# What GitHub reads of a step. Sourced, never run.

# Prints a file into the log in which no line is taken for a command, whatever it contains: GitHub obeys lines that
# begin with `::` and whatever follows `##[`.
quoted() {
    local token
    token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    printf '::stop-commands::%s\n' "$token"
    cat -- "$1"
    # The file's last line may have no end.
    printf '\n::%s::\n' "$token"
}

# An annotation without a place. The text is ours, and escaped all the same.
annotate() {
    local kind=$1 text=$2
    text=${text//'%'/%25}
    text=${text//$'\r'/%0D}
    text=${text//$'\n'/%0A}
    printf '::%s title=certctl::%s\n' "$kind" "$text"
}

# An output of the step; the value is one line.
output() {
    if [ -n "${GITHUB_OUTPUT:-}" ]; then
        printf '%s=%s\n' "$1" "${2//$'\n'/ }" >>"$GITHUB_OUTPUT"
    fi
}

# Whichever of these files are there.
file_output() {
    if [ -f "$2" ]; then
        output "$1" "$2"
    fi
}

# Part of the step's summary, which may have 1,024 kB.
summary() {
    if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
        cat >>"$GITHUB_STEP_SUMMARY"
    fi
}

# Texts of others as a block in which nothing is markup: fenced by more backticks than it contains anywhere.
fenced() {
    local fence='```'
    while grep -qF -- "$fence" "$1"; do
        fence+='`'
    done
    # Enough to see what is wrong; the log has it all.
    printf '%s\n' "$fence"
    head -c 60000 -- "$1" | iconv -f UTF-8 -t UTF-8 -c || true
    printf '\n%s\n' "$fence"
}
