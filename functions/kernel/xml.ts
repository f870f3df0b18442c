/** What XML 1.0 can hold of a text: it has no way to write any other character, not even escaped. */
const NOT_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** The text without the characters that would make a document no XML. */
export const inXml = (text: string): string => text.replaceAll(NOT_XML, '');
