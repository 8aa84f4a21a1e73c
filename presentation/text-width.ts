/** How wide text will be, without a font at hand: on the wide side, so that nothing leaves its box. */

function charWidth(char: string): number {
  const point = char.codePointAt(0) ?? 0;
  if (point >= 0x1100 && !(point >= 0x2000 && point < 0x2e80)) return 1.05;
  if (/[mwMW@%]/.test(char)) return 0.92;
  if (/[A-Z0-9]/.test(char)) return 0.7;
  return /[ilj.,:;'|! ]/.test(char) ? 0.34 : 0.6;
}

export function widthOf(text: string, fontSize: number): number {
  return [...text].reduce((width, char) => width + charWidth(char), 0) * fontSize;
}

/** Lines of at most this width; words that are longer than a line are cut. */
export function wrapped(text: string, width: number, fontSize: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (widthOf(longer, fontSize) <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = '';
    for (const char of word) {
      if (line !== '' && widthOf(line + char, fontSize) > width) {
        lines.push(line);
        line = '';
      }
      line += char;
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}
