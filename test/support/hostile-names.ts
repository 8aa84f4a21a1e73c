import fc from 'fast-check';

/** Characters that have a meaning in names, filters or paths, and others. */
export const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...' ,+"\\<>;=#/*()\u0000\n\r\tä漢'.split(''), '\\2C', '😀', ' '),
    fc.string({ minLength: 1, maxLength: 1 }),
  ),
  minLength: 1,
  maxLength: 24,
});
