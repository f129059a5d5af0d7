import { z } from 'zod';

/** Answer of `GET /_matrix/client/versions`. */
export const versionsSchema = z.object({
  versions: z.array(z.string()),
  unstable_features: z.record(z.string(), z.boolean()),
});

/** Answer of `GET /_matrix/client/v3/account/whoami`. */
export const whoamiSchema = z.object({
  user_id: z.string(),
  device_id: z.string().optional(),
  is_guest: z.literal(false),
});
export type Whoami = z.infer<typeof whoamiSchema>;

/** Answer of `GET /_matrix/client/v3/capabilities`. */
export const capabilitiesSchema = z.object({
  capabilities: z.record(z.string(), z.object({ enabled: z.boolean() })),
});

const rules = z.array(z.never());

/** Answer of `GET /_matrix/client/v3/pushrules/`: there are none. */
export const rulesetSchema = z.object({
  override: rules,
  content: rules,
  room: rules,
  sender: rules,
  underride: rules,
});
export const pushRulesSchema = z.object({ global: rulesetSchema });

/** Answer of `GET /_matrix/client/v3/voip/turnServer`: there are none, which homeservers say so. */
export const turnServerSchema = z.object({});

/** Answer of `POST /_matrix/client/v3/user/{userId}/filter`. */
export const filterIdSchema = z.object({ filter_id: z.string() });
