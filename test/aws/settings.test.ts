import { describe, expect, test } from 'vitest';
import { scheduleExpression } from '../../lib/aws/schedule-expression.ts';
import { readSettings } from '../../lib/aws/settings.ts';

describe('settings', () => {
  test('a stage needs none: what is not set is safe', () => {
    expect(readSettings('prod', {})).toMatchObject({
      stage: 'prod',
      retain: true,
      allowedOrigins: [],
      secretVersion: 1,
      logRetentionDays: 365,
    });
  });

  test('the command line goes before the file, and a stage of its own before all', () => {
    const context = { prod: { throttleRate: 5 }, throttleRate: '6', 'prod:throttleRate': '7', dev: { throttleRate: 5 } };
    expect(readSettings('prod', context).throttleRate).toBe(7);
    expect(readSettings('dev', context).throttleRate).toBe(6);
  });

  test('lists and flags may be written on the command line', () => {
    expect(readSettings('dev', { 'dev:allowedOrigins': 'https://a.example, https://b.example', 'dev:retain': 'false' })).toMatchObject({
      allowedOrigins: ['https://a.example', 'https://b.example'],
      retain: false,
    });
  });

  test('all that is wrong is told at once, with what it should be and where', () => {
    const context = {
      prod: {
        region: 'Beijing',
        oidcIssuer: 'http://id.example',
        throttleRate: 0,
        colour: 'red',
        allowedOrigins: ['app.example'],
        logRetentionDays: 182,
      },
    };
    let message = '';
    try {
      readSettings('prod', context);
    } catch (error) {
      message = String(error);
    }
    for (const part of [
      /region must be a region such as/,
      /oidcIssuer must be the https URL/,
      /throttleRate must be/,
      /colour is no setting/,
      /allowedOrigins.* must be origins/,
      /logRetentionDays must be a number of days/,
      /cdk\.json \(context → prod\)/,
    ])
      expect(message).toMatch(part);
  });

  test('mail and text messages of AWS go with a region that has them; China’s have not, and their messages go through the gateway', () => {
    const senders = { emailSender: 'notice@example.gov.cn', smsSender: 'phone-0123456789abcdef' };
    expect(readSettings('prod', { prod: { region: 'ap-southeast-1', ...senders } })).toMatchObject(senders);
    for (const region of [undefined, 'cn-north-1']) {
      expect(() => readSettings('prod', { prod: { region, emailSender: senders.emailSender } })).toThrow(
        /emailSender needs a region outside China/,
      );
      expect(() => readSettings('prod', { prod: { region, smsSender: senders.smsSender } })).toThrow(
        /smsSender needs a region outside China/,
      );
    }
    const wrong = { region: 'ap-southeast-1', emailSender: 'Linli', smsSender: '+8613900000001', vapidSubject: 'duty', wechat: 'perhaps' };
    expect(() => readSettings('prod', { prod: wrong })).toThrow(/emailSender must.*smsSender must.*wechat must.*vapidSubject must/s);
    expect(
      readSettings('prod', { prod: { region: 'cn-north-1', wechat: true, vapidSubject: 'https://example.gov.cn/contact' } }).wechat,
    ).toBe(true);
  });

  test('an issuer without an audience would take tokens that are meant for others', () => {
    expect(() => readSettings('prod', { prod: { oidcIssuer: 'https://id.example' } })).toThrow(/go together/);
  });
});

describe('cron as EventBridge Scheduler writes it', () => {
  test.each([
    ['*/15 * * * *', 'cron(0/15 * * * ? *)'],
    ['30 0 1 * *', 'cron(30 0 1 * ? *)'],
    ['0 3 * * *', 'cron(0 3 * * ? *)'],
    ['0 4 1 1,4,7,10 *', 'cron(0 4 1 1,4,7,10 ? *)'],
    ['0 4 1 */3 *', 'cron(0 4 1 1/3 ? *)'],
    ['5 8-18 * * 1-5', 'cron(5 8-18 ? * MON-FRI *)'],
    ['0 9 * * 0', 'cron(0 9 ? * SUN *)'],
    ['0 9 * * 7', 'cron(0 9 ? * SUN *)'],
  ])('%s is %s', (cron, expected) => {
    expect(scheduleExpression(cron)).toBe(expected);
  });

  test.each(['* * * *', '0 0 1 * 1', '0 0 * * */2'])('%s cannot be said', (cron) => {
    expect(() => scheduleExpression(cron)).toThrow();
  });
});
