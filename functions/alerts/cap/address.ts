/** Addresses (RFC 3986 with the characters of RFC 3987), as strictly as XML Schema's `anyURI` is taken; without hosts in brackets. */

const part = (without: string): string => `(?:[^\\s<>"{}|\\\\^\`%[\\]#${without}]|%[0-9a-f]{2})*`;
const SCHEME = '[a-z][a-z\\d+.-]*:';
const AUTHORITY = `(?:${part('/?@')}@)?${part('/?@:')}(?::\\d+)?(?=[/?#]|$)`;
const ADDRESS = new RegExp(`^(?:${SCHEME}|(?![^/?#]*:))(?://${AUTHORITY}|(?!//))${part('')}(?:#${part('')})?$`, 'i');

/** Whole, or relative to another. */
export const isAddress = (text: string): boolean => ADDRESS.test(text) && URL.canParse(text, 'https://example.org');

/** Relative to another: without a scheme. */
export const isRelative = (text: string): boolean => !/^[a-z][a-z\d+.-]*:/i.test(text) && isAddress(text);

/** One that a link may lead to: a page, and nothing else. */
export const isWebAddress = (text: string): boolean => /^https?:\/\//i.test(text) && isAddress(text) && URL.canParse(text);
