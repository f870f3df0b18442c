import { afterAll, beforeAll, expect, test } from 'vitest';
import { synthesised, type Synthesised } from './support/synthesised.ts';

let world: Synthesised;
let china: Synthesised;

beforeAll(async () => {
  world = await synthesised('dev', { retain: false });
  china = await synthesised(
    'prod',
    { region: 'cn-north-1', account: '123456789012', oidcIssuer: 'https://id.example.gov.cn', oidcAudience: 'linli' },
    world.bundled,
  );
}, 120_000);
afterAll(() => {
  world.remove();
  china.remove();
});

test('no ARN names a partition, in the one partition and in the other', () => {
  for (const { stacks } of [world, china]) expect(JSON.stringify(stacks).includes('arn:aws:')).toBe(false);
  // What is not tied to a region is not tied to a partition either.
  expect(JSON.stringify(world.stacks).includes('arn:aws')).toBe(false);
});

test('both partitions get the same resources', () => {
  const types = ({ stacks }: Synthesised): readonly string[] =>
    Object.values(stacks).flatMap(({ Resources: resources }) => Object.values(resources).map(({ Type: type }) => type));
  expect(types(china)).toEqual(types(world));
});

test('a stage without an issuer synthesises, says what is missing, and cannot be deployed: its issuer is a parameter without a value', () => {
  const { Parameters: parameters = {} } = world.stacks.api;
  for (const name of ['OidcIssuer', 'OidcAudience']) {
    expect(parameters[name]).toBeDefined();
    expect(parameters[name]).not.toHaveProperty('Default');
  }
  expect(world.warnings.join('\n')).toMatch(/The stage dev cannot be deployed yet.*oidcIssuer/);
  const [authorizer] = world.all('AWS::ApiGatewayV2::Authorizer');
  expect(authorizer?.Properties['JwtConfiguration']).toEqual({ Issuer: { Ref: 'OidcIssuer' }, Audience: [{ Ref: 'OidcAudience' }] });
  expect(china.stacks.api.Parameters ?? {}).not.toHaveProperty('OidcIssuer');
  expect(china.warnings.join('\n')).not.toMatch(/oidcIssuer/);
});

test('without origins there is no CORS, without a gateway no message leaves, and there is one secret', () => {
  expect(world.all('AWS::ApiGatewayV2::Api')[0]?.Properties).not.toHaveProperty('CorsConfiguration');
  expect(JSON.stringify(world.stacks).includes('LINLI_MESSAGE_GATEWAY')).toBe(false);
  expect(JSON.stringify(world.stacks).includes('LINLI_SECRET_PREVIOUS')).toBe(false);
  expect(world.all('AWS::SecretsManager::Secret')).toHaveLength(1);
});

test('what cdk-nag finds and we accept has a reason in writing', () => {
  const accepted = world.app.node
    .findAll()
    .flatMap(({ node }) =>
      node.metadata.filter(({ type }) => type === 'aws:cdk:acknowledged-rules').flatMap(({ data }) => Object.entries<unknown>(data)),
    );
  expect(accepted.length).toBeGreaterThan(0);
  for (const [rule, reason] of accepted) expect([rule, String(reason).length > 30]).toEqual([rule, true]);
  const rules = accepted.map(([rule]) => rule.replace(/^.*::(?=AwsSolutions)/, '').replace(/\[.*/, ''));
  expect([...new Set(rules)].toSorted()).toEqual([
    'AwsSolutions-APIG4',
    'AwsSolutions-IAM5',
    'AwsSolutions-S1',
    'AwsSolutions-SMG4',
    'AwsSolutions-SQS3',
  ]);
});
