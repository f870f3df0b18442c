/** The characters of an XML document, by its byte order mark, by how it begins, or by what it declares (XML 1.0, appendix F). */

/**
 * The decoder for what a document may declare, where the WHATWG’s standard would take another: ASCII has no other characters, and GB 18030 holds
 * the two before it.
 */
const DECODERS: Readonly<Record<string, string>> = {
  'us-ascii': 'utf-8',
  ascii: 'utf-8',
  gb2312: 'gb18030',
  gbk: 'gb18030',
  cp936: 'gb18030',
};

/** The bytes, in hexadecimal, with which a document begins that is in this encoding for certain. */
const BEGINNINGS = [
  ['efbbbf', 'utf-8'],
  ['fffe', 'utf-16le'],
  ['feff', 'utf-16be'],
  ['3c00', 'utf-16le'],
  ['003c', 'utf-16be'],
] as const;

const DECLARATION_BYTES = 256;
const DECLARED = /^<\?xml\s+version\s*=\s*["'][\d.]+["']\s+encoding\s*=\s*["']([\w.-]+)["']/;

/** With more than one byte for some characters. */
const WIDE: ReadonlySet<string> = new Set(['gb18030', 'gbk', 'big5', 'euc-jp', 'euc-kr', 'shift_jis', 'iso-2022-jp']);

/** The encoding of a name by the WHATWG's standard; undefined where it is none of it, or none for documents. */
const encodingOf = (label: string): string | undefined => {
  try {
    const { encoding } = new TextDecoder(Object.hasOwn(DECODERS, label) ? DECODERS[label] : label);
    if (encoding === 'x-user-defined') return undefined;
    // That is none in its bytes, or it would have been seen before: said by mistake.
    return encoding.startsWith('utf-16') ? 'utf-8' : encoding;
  } catch {
    return undefined;
  }
};

/** Undefined where the bytes are none of that encoding. */
const decoded = (bytes: Uint8Array, encoding: string): string | undefined => {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
};

/** What is UTF-8 by chance is not: of one byte a character, none is; of two, none that would be three bytes in UTF-8. */
const isSurelyUtf8 = (text: string, declared: string): boolean => (WIDE.has(declared) ? /[\u0800-\uffff]/ : /[\u0080-\uffff]/).test(text);

/** Undefined where the encoding is not known, or the bytes are not in it. */
export const decodeXml = (bytes: Uint8Array): string | undefined => {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, DECLARATION_BYTES));
  const hex = head.toString('hex', 0, 3);
  const certain = BEGINNINGS.find(([beginning]) => hex.startsWith(beginning));
  if (certain !== undefined) return decoded(bytes, certain[1]);
  const declared = DECLARED.exec(head.toString('latin1'))?.[1]?.toLowerCase() ?? 'utf-8';
  const encoding = encodingOf(declared);
  if (encoding === undefined) return undefined;
  if (encoding === 'utf-8') return decoded(bytes, encoding);
  // On the way here, messages are turned into UTF-8, and still declare what they were.
  const utf8 = decoded(bytes, 'utf-8');
  return utf8 !== undefined && isSurelyUtf8(utf8, encoding) ? utf8 : decoded(bytes, encoding);
};
