/** What the adapters sign, read and find with, at its edges. */
import { describe, expect, test } from 'vitest';
import { rawMember } from '../../../functions/donations/payments/alipay.ts';
import { withoutSeparators } from '../../../functions/donations/payments/bill-table.ts';
import { isSafeBase } from '../../../functions/data/channel-secret.ts';
import { fromBase64, fromJson, isSigned, publicKeyOf, signed, textOf, within } from '../../../functions/donations/payments/signing.ts';
import { rsaPair } from './support.ts';

describe('a signature', () => {
  const { privateKey, publicKey } = rsaPair();

  test('has one spelling in base64: the bits that it does not need are none', () => {
    const signature = signed(privateKey, 'message');
    expect(isSigned(publicKey, 'message', signature)).toBe(true);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    // The last character before `==` has four bits that decode to nothing.
    const last = alphabet.indexOf(signature.at(-3) ?? '');
    const other = `${signature.slice(0, -3)}${alphabet.charAt(last ^ 1)}==`;
    expect(Buffer.from(other, 'base64')).toEqual(Buffer.from(signature, 'base64'));
    for (const spelling of [other, `${signature}\n`, ` ${signature}`, signature.replace('==', ''), signature.replaceAll('+', '-'), ''])
      expect(isSigned(publicKey, 'message', spelling)).toBe(spelling === signature);
  });

  test('is over text as UTF-8, and over bytes as they are', () => {
    const signature = signed(privateKey, '捐款');
    expect(isSigned(publicKey, Buffer.from('捐款'), signature)).toBe(true);
    expect(isSigned(publicKey, Buffer.from('捐款', 'utf16le'), signature)).toBe(false);
  });
});

test('a certificate stands for its key', () => {
  const [certificate, key] = [publicKeyOf(CERTIFICATE), publicKeyOf(ITS_KEY)];
  expect(certificate?.export({ type: 'spki', format: 'pem' })).toEqual(key?.export({ type: 'spki', format: 'pem' }));
  expect(key).toBeDefined();
});

test('a key of another kind is none', () => {
  expect(publicKeyOf(ED25519)).toBeUndefined();
  expect(publicKeyOf('')).toBeUndefined();
  expect(publicKeyOf('-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----')).toBeUndefined();
});

test('text is UTF-8 or none, its byte order mark is part of it, and JSON is JSON or nothing', () => {
  expect(textOf(Buffer.from('\uFEFF邻里'))).toBe('\uFEFF邻里');
  expect(textOf(Buffer.from([0xc0, 0x80]))).toBeUndefined();
  expect(fromJson('{"a":1}')).toEqual({ a: 1 });
  expect(fromJson('{')).toBeUndefined();
  expect(fromJson(undefined)).toBeUndefined();
  expect(fromBase64('')).toBeUndefined();
});

test.each([
  ['', 3, ''],
  ['abc', 3, 'abc'],
  ['abcd', 3, 'abc'],
  ['捐款', 5, '捐'],
  ['捐款', 6, '捐款'],
  ['𠮷', 3, ''],
])('%j within %i bytes is %j', (text, bytes, cut) => {
  expect(within(text, bytes)).toBe(cut);
});

describe('the raw text of a member', () => {
  test.each([
    ['{"a_response":{"code":"1"},"sign":"x"}', '{"code":"1"}'],
    ['{"sign":"x", "a_response" : { "b" : [1, {"c": "}"}] } }', '{ "b" : [1, {"c": "}"}] }'],
    ['{"a_response":"text, with \\"}\\" in it","sign":"x"}', '"text, with \\"}\\" in it"'],
    ['{"other":{"a_response":{"hidden":1}},"a_response":{"shown":1}}', '{"shown":1}'],
    ['{"other":"a_response","sign":":{}"}', undefined],
    ['{"other":["a_response",{"a_response":1}]}', undefined],
    ['[{"a_response":1}]', undefined],
    ['"a_response"', undefined],
    ['{}', undefined],
  ])('in %s', (text, raw) => {
    JSON.parse(text);
    expect(rawMember(text, 'a_response')).toBe(raw);
  });
});

test.each([
  ['https://api.example', true],
  ['https://api.example/gateway.do', true],
  ['http://127.0.0.1:8080', true],
  ['http://127.0.0.1.example', false],
  ['http://localhost', false],
  ['http://api.example', false],
  ['ftp://api.example', false],
  ['https://api.example/?query=1', false],
  ['api.example', false],
  ['', false],
])('%s as a base: %s', (text, safe) => {
  expect(isSafeBase(text)).toBe(safe);
});

test('a subject loses what parts cells, and nothing else', () => {
  expect(withoutSeparators('a,b "c" `d`\r\ne\tf，“g”')).toBe('a，b ’c’ ’d’ e f，“g”');
});

const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIDATCCAemgAwIBAgIUdYBUbjhNr/XPR4Rqz4YajDITku8wDQYJKoZIhvcNAQEL
BQAwDzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjkwMDMzMjRaGA8yMTI2MTEwNTAw
MzMyNFowDzENMAsGA1UEAwwEdGVzdDCCASIwDQYJKoZIhvcNAQEBBQADggEPADCC
AQoCggEBAJfRloQnNtANjxPteL04/6gfO4lKuZc0rLlkpWRVhj3ZDUTizAGUxVgU
m3n/O5aTe1G5X5XZRmEywk1FsVrtefvP9eylSihnW+BtWK2La5eHlGYpxf0tgqYI
FO2enQpZAOADAb7xeGpDDHoctzNHaTB4B4LQd/UZWeEeEmMWsuOo9A08anOXLx76
GI14xWz/3gbQXdtVYpC1JM4w23XbGq2GircbvSTHkOL39KnGXJFfnHGZ2fYB37nt
TLFVScZPoicZoNOfrMCT+etk4iL3UUQmuQ9zPqpqXCy3vdRt04yfS/FzZCIMtrsI
C/0Hk/PzCWKHryM7kxnV6BnO6gupr/cCAwEAAaNTMFEwHQYDVR0OBBYEFDgslJ3S
415UNsvPtlMdziv91xvLMB8GA1UdIwQYMBaAFDgslJ3S415UNsvPtlMdziv91xvL
MA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcNAQELBQADggEBACeZ3jFJIo5AVaXo
U8iUKw1j/+i16xD4CrYhzW5DTU+XEg8yKjI3DHXK7r6nUp6bJBgaa2qkKqXmHIWY
SkkUITH0h3kXzh+gKIiA99xM2d34sjdqnEQQrfTdt6KgW+/KflpUgwTfj9gOOxtS
xfCU0rTPRVZw9Qhghbwm54ZZzfRuwi5Tkw5SbRHb1igW0193bI8bCPfMk9mV8Rkw
T3JtHZ+FEgdXQUVMHWWtuhTkKPzCtb/+ZL5/4gMBRoPMZy3/9Gh1qw5Em/WTJLr5
nlHPAh7FQBQbouSUgc30DCR5N+dizrmehi/Xgo2Rut85qrLDgkAv7dVeUo+fyH4r
rjRGDVQ=
-----END CERTIFICATE-----`;
const ITS_KEY = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAl9GWhCc20A2PE+14vTj/
qB87iUq5lzSsuWSlZFWGPdkNROLMAZTFWBSbef87lpN7UblfldlGYTLCTUWxWu15
+8/17KVKKGdb4G1YrYtrl4eUZinF/S2CpggU7Z6dClkA4AMBvvF4akMMehy3M0dp
MHgHgtB39RlZ4R4SYxay46j0DTxqc5cvHvoYjXjFbP/eBtBd21VikLUkzjDbddsa
rYaKtxu9JMeQ4vf0qcZckV+ccZnZ9gHfue1MsVVJxk+iJxmg05+swJP562TiIvdR
RCa5D3M+qmpcLLe91G3TjJ9L8XNkIgy2uwgL/QeT8/MJYoevIzuTGdXoGc7qC6mv
9wIDAQAB
-----END PUBLIC KEY-----`;
const ED25519 = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAucvGhcR7cPVGpUCNM+IgHkNhWtuF1+BGEHH0Wvrt//s=
-----END PUBLIC KEY-----`;
