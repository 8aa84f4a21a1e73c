#!/usr/bin/env bash
# windows-iana 5.1.0: the names of Windows' time zones are found only in the case that CLDR writes, though feeds write others,
# and a name that is not found is an empty list. Countersign compares them without case. Fails when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --silent windows-iana@5.1.0
cat > ask.mjs <<'JS'
import { findIana } from 'windows-iana';
for (const name of ['W. Europe Standard Time', 'W. Europe standard time', 'Romance Daylight Time'])
  console.log(`${name}: ${findIana(name)[0] ?? "none"}`);
JS
cat > expected <<'TEXT'
W. Europe Standard Time: Europe/Berlin
W. Europe standard time: none
Romance Daylight Time: none
TEXT
node ask.mjs | tee found
diff expected found
echo 'As stated above, with windows-iana 5.1.0.'
