/** Which kinds of channels a stage carries itself, and what for; every other kind goes through the city's gateway. Pure. */
import * as z from 'zod/mini';

const text = z.string().check(z.minLength(1));

const Direct = z.readonly(
  z.strictObject({
    email: z.optional(z.strictObject({ from: text })),
    sms: z.optional(z.strictObject({ from: text })),
    wechat: z.optional(z.strictObject({})),
    webPush: z.optional(z.strictObject({ subject: text })),
    webhook: z.optional(z.strictObject({})),
  }),
);

/** By kind: the address of the sender, the pool or number of the sender, whom a push service may turn to. */
export type Direct = z.infer<typeof Direct>;

/** From the environment's text; none where there is none. Throws where it cannot be read: a bug of deployment. */
export const directIn = (variable: string | undefined): Direct => (variable === undefined ? {} : Direct.parse(JSON.parse(variable)));
