/** The request that figures are given for: 300 Chinese characters, with everything that a resident's app sends. */
import { SHUIJINGFANG } from './people.ts';

const SENTENCE = '楼下路灯坏了三天，晚上老人和孩子出门看不清路，请派人来修。';
const LENGTH = 300;

export const referenceRequest = {
  service: 'streetLamp',
  community: SHUIJINGFANG,
  description: SENTENCE.repeat(Math.ceil(LENGTH / SENTENCE.length)).slice(0, LENGTH),
  channel: 'app',
  contact: { name: '王秀英', phone: '13800138000' },
  address: '成都市锦江区锦官驿街道水津街8号水井坊小区3栋2单元1201室',
  location: { lat: 30.6443256, long: 104.0915432, datum: 'gcj02' },
} as const;

/** As a client makes one: 36 characters. */
export const REFERENCE_KEY = '0b8f1f0e-6f0c-4e6c-9f5e-3c1f4f6f2a11';
