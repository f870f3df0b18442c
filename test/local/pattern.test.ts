import { expect, test } from 'vitest';
import { matches, type Pattern } from '../../lib/local/pattern.ts';

const event = {
  'detail-type': 'serviceRequest.resolved',
  count: 3,
  on: true,
  none: null,
  tags: ['a', 'b'],
  dynamodb: { Keys: { pk: { S: 'REQUEST#1' } } },
};

test.each<[boolean, Pattern]>([
  [true, {}],
  [true, { 'detail-type': ['serviceRequest.closed', 'serviceRequest.resolved'] }],
  [false, { 'detail-type': ['serviceRequest.closed'] }],
  [false, { 'detail-type': [] }],
  [true, { count: [3], on: [true], none: [null] }],
  [false, { count: ['3'] }],
  [true, { tags: ['b'] }],
  [false, { tags: ['c'] }],
  [true, { dynamodb: { Keys: { pk: { S: [{ prefix: 'REQUEST#' }] } } } }],
  [false, { dynamodb: { Keys: { pk: { S: [{ prefix: 'KEY#' }] } } } }],
  [true, { 'detail-type': [{ suffix: '.resolved' }] }],
  [true, { dynamodb: { NewImage: { gone: [{ exists: false }] } } }],
  [false, { dynamodb: { NewImage: { gone: [{ exists: true }] } } }],
  [true, { 'detail-type': [{ 'anything-but': ['serviceRequest.closed'] }] }],
  [false, { 'detail-type': [{ 'anything-but': 'serviceRequest.resolved' }] }],
  [false, { absent: [{ 'anything-but': 'x' }] }],
  [false, { toString: [{ exists: true }] }],
  [false, { 'detail-type': ['serviceRequest.resolved'], count: [4] }],
])('%s: %j', (expected, pattern) => {
  expect(matches(pattern, event)).toBe(expected);
});
