#!/bin/sh
# /// gururmm
# interpreter = "sh"
# name = "Certificates that expire"
# folder = "Linux"
# description = """
# Looks for certificates in the files of a folder (.pem, .crt, .cer, .cert) and tells which have expired or will soon. Trust stores of the system are left out. Of a file with several certificates the first counts, which is the server's own. Changes nothing.
# Ends with 1 when a certificate has expired or will within the days."""
# platforms = ["linux"]
# context = "system"
# elevated = true
# timeout_seconds = 300
#
# [[parameters]]
# name = "folder"
# label = "Folder"
# kind = "string"
# default = "/etc"
# max_length = 1000
#
# [[parameters]]
# name = "days"
# label = "Soon is within days"
# kind = "number"
# default = "30"
# min = 1
# max = 3650
# ///
set -u
LC_ALL=C
export LC_ALL

wrong() {
    printf '%s\n' "$1" >&2
    exit 2
}

# whole <label> <value> <smallest> <largest>
whole() {
    case $2 in
        '' | *[!0-9]* | 0?* | ??????????*) wrong "$1 must be a whole number between $3 and $4." ;;
    esac
    if [ "$2" -lt "$3" ] || [ "$2" -gt "$4" ]; then
        wrong "$1 must be a whole number between $3 and $4."
    fi
}

folder=${PARAM_FOLDER:-/etc}
days=${PARAM_DAYS:-30}
whole 'The days' "$days" 1 3650
case $folder in
    /*) ;;
    *) wrong 'The folder must be an absolute path, such as /etc.' ;;
esac
[ -d "$folder" ] || wrong "There is no folder $folder here."
if ! command -v openssl >/dev/null 2>&1; then
    printf 'The program openssl is not here, so certificates cannot be read.\n'
    exit 1
fi

# a line for each certificate: its state, its last day, its file and its subject
# shellcheck disable=SC2016
found=$(find "$folder/" \
    \( -path '*/ssl/certs' -o -path '*/pki/ca-trust' -o -path '*/pki/tls/certs/ca-*' -o -path '*/ca-certificates' \) -prune \
    -o \( -type f -o -type l \) \( -name '*.pem' -o -name '*.crt' -o -name '*.cer' -o -name '*.cert' \) -exec sh -c '
    soon=$1
    shift
    for file; do
        [ -f "$file" ] && [ -r "$file" ] || continue
        read=$(openssl x509 -noout -enddate -subject -in "$file" 2>/dev/null </dev/null) || continue
        end=$(printf "%s\n" "$read" | sed -n "s/^notAfter=//p")
        subject=$(printf "%s\n" "$read" | sed -n "s/^subject= *//p")
        state=ok
        openssl x509 -noout -checkend "$soon" -in "$file" >/dev/null 2>&1 </dev/null || state=SOON
        openssl x509 -noout -checkend 0 -in "$file" >/dev/null 2>&1 </dev/null || state=EXPIRED
        printf "%-8s %s  %s  (%s)\n" "$state" "$end" "$file" "$subject"
    done' sh $((days * 86400)) {} + 2>/dev/null)

number=$(printf '%s' "$found" | grep -c .)
if [ "$number" -eq 0 ]; then
    printf 'No certificates that can be read are in %s.\n' "$folder"
    exit 0
fi
late=$(printf '%s\n' "$found" | grep -v '^ok ' | sort)
if [ -n "$late" ]; then
    printf 'Expired, or will within %s days:\n%s\n\n' "$days" "$late"
fi
printf 'All %s certificates in %s:\n%s\n' "$number" "$folder" "$found"
[ -z "$late" ]
