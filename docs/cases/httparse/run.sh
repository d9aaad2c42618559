#!/bin/sh
# Could it have been seen coming? httparse 1.9.0 to 1.9.2, on its real history.
#
#     sh run.sh [REPOSITORY [FOLDER]]
#
# Clones the repository (a path will do where there is no network) into a new folder, measures old commits, and writes
# `retro.md`, `retro-of-instructions.md` and `report.html` there. Needs git, cargo, valgrind and `mad`, or a program that
# is named in MAD.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
repository=${1:-https://github.com/seanmonstar/httparse}
folder=${2:-httparse-case}
mad=${MAD:-mad}

mkdir "$folder"
cp -R "$here/probe" "$here/incident" "$folder"
git clone --quiet "$repository" "$folder/httparse"
cd "$folder/httparse"

# What each commit costs who reads messages with it. The probe is younger than the commits; messages like these are not.
"$mad" history v1.3.0..v1.10.1 --probe ../probe --no-tests --instructions 'messages=cargo run --quiet --release'

# What the tests said that each release had.
"$mad" history v1.8.0..v1.9.4 --tags

# Hindsight: what a test would have said that was written after the incident.
"$mad" history v1.8.0..v1.9.4 --probe ../incident --runner libtest

"$mad" incident add 'no header is read whose value follows its colon at once' --id no-space-after-colon \
    --began 2024-06-10T13:03:32Z --severity high --tag v1.9.0
"$mad" report v1.10.1 --output ../report.html
"$mad" retro v1.10.1 > ../retro.md
# The same question to instructions alone. Whoever asks twice has two chances: the first answer is the one that counts.
"$mad" retro v1.10.1 --metric command_instructions > ../retro-of-instructions.md
cat ../retro.md ../retro-of-instructions.md
