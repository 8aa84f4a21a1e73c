#!/usr/bin/env bash
# pdfkit 0.20.2 with DejaVu Sans:
#   the letters of an Arabic or Hebrew word are joined and turned, as the font's tables say;
#   the words of a line are set one after the other from left to right, so that the first of them is read last, and the space between
#   them is turned to the other side of its word.
# Countersign therefore puts them in order by the Unicode Bidirectional Algorithm, and sets each by itself
# (activities/procurement/right-to-left.ts). Fails when the library's behaviour changes.
# Needs pdftotext (poppler-utils), which reads a page by where things stand on it.
set -euo pipefail
command -v pdftotext >/dev/null || { echo 'There is no pdftotext.'; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --silent pdfkit@0.20.2 @fontsource/dejavu-sans@5 || exit 2
cat > ask.mjs <<'JS'
import { createWriteStream, readFileSync } from 'node:fs';
import PDFDocument from 'pdfkit';
const document = new PDFDocument();
document.pipe(createWriteStream('page.pdf'));
document.registerFont('letters', readFileSync('node_modules/@fontsource/dejavu-sans/files/dejavu-sans-latin-400-normal.woff'));
document.font('letters').text('שלום').text('שלום עולם');
document.end();
JS
cat > expected <<'TEXT'
שלום
עולםשלום
TEXT
node ask.mjs
pdftotext page.pdf - | tr -d '\f' | sed 's/[‪‫‬‭‮‎‏]//g' | grep -v '^$' | tee found
diff expected found
echo 'As stated above, with pdfkit 0.20.2.'
