import { expect, test } from 'vitest';
import { administers, hasRoleFor, isStaffOf, principalOf, ROLES } from '../../functions/http/principal.ts';

const who = (roles: unknown, division?: unknown) =>
  principalOf({ sub: 'somebody', roles, ...(division === undefined ? {} : { division }) });

test('roles are read alike from an array and from what API Gateway makes of one', () => {
  for (const roles of [['worker', 'dispatcher'], '[worker dispatcher]', 'worker dispatcher', 'worker,dispatcher', '[worker, dispatcher]'])
    expect([...(who(roles)?.roles ?? [])]).toEqual(['worker', 'dispatcher']);
});

test('what is no role of ours gives no right', () => {
  for (const roles of [
    ['superuser'],
    'Worker',
    ['__proto__'],
    [['admin']],
    { admin: true },
    [{}],
    1,
    null,
    undefined,
    '',
    '[]',
    'admin;worker',
  ])
    expect([...(who(roles)?.roles ?? [])]).toEqual([]);
});

test('whoever has no usable sub is nobody', () => {
  for (const sub of [undefined, '', 1, null, {}, ['a'], 'x'.repeat(256)]) expect(principalOf({ sub, roles: ['admin'] })).toBeUndefined();
});

test('what is no division code reaches nothing', () => {
  for (const division of ['', '5', '510', '51010', '5101040', '51010401700', '510104017001x', '5101*', ' 51', 51, null, ['51'], '５１']) {
    const caller = who(['worker', 'dispatcher'], division);
    expect(caller?.division).toBeUndefined();
    expect(isStaffOf(caller, '510104017001')).toBe(false);
  }
});

test('a right reaches every division whose code begins with its own, and no other', () => {
  for (const division of ['51', '5101', '510104', '510104017', '510104017001'])
    expect(isStaffOf(who(['worker'], division), '510104017001')).toBe(true);
  for (const division of ['52', '5102', '510105', '510104018', '510104017002'])
    expect(isStaffOf(who(['worker'], division), '510104017001')).toBe(false);
  expect(isStaffOf(who(['worker'], '510104017001'), '510104017')).toBe(false);
});

test('staff are workers and dispatchers, and nobody else', () => {
  for (const role of ROLES) {
    expect([role, isStaffOf(who([role], '51'), '510104')]).toEqual([role, role === 'worker' || role === 'dispatcher']);
    expect(hasRoleFor(who([role], '51'), role, '510104')).toBe(true);
  }
  expect(isStaffOf(undefined, '510104')).toBe(false);
});

test('an administrator without a division is the whole country’s, with one only its own', () => {
  expect(administers(who(['admin']), '510104')).toBe(true);
  expect(administers(who(['admin'], '5101'), '510104')).toBe(true);
  expect(administers(who(['admin'], '510105'), '510104')).toBe(false);
  expect(administers(who(['dispatcher']), '510104')).toBe(false);
  expect(administers(undefined, '510104')).toBe(false);
});

test('an administrator without a division has the whole country; one whose claim cannot be read has nothing', () => {
  const admin = (division?: unknown) => principalOf({ sub: 'a', roles: ['admin'], ...(division === undefined ? {} : { division }) });
  expect(administers(admin(), '51')).toBe(true);
  expect(administers(admin(''), '51')).toBe(true);
  for (const unreadable of ['51010', ['510105'], 51, null, 'x'])
    expect(administers(admin(unreadable), '51'), String(unreadable)).toBe(false);
});
