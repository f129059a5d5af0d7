import { Controller, Get, Headers, Inject } from '@nestjs/common';
import type { z } from 'zod';
import type { Authenticator } from '#runtime/auth/authenticator';
import { AUTHENTICATOR, bearerToken } from '#runtime/auth/authenticator';
import { Operation } from '#runtime/http/openapi/operation';
import * as operations from './matrix.operations.ts';
import type { capabilitiesSchema, pushRulesSchema, versionsSchema, Whoami } from './matrix.schemas.ts';

/** The presence module has been the same in all of these. */
const VERSIONS: z.infer<typeof versionsSchema> = {
  versions: ['r0.6.1', ...Array.from({ length: 11 }, (_, minor) => `v1.${minor + 1}`)],
  unstable_features: {},
};

/** A capability that is not named is taken for there by clients, where the API says so; here nothing of it is. */
const CAPABILITIES: z.infer<typeof capabilitiesSchema> = {
  capabilities: {
    'm.change_password': { enabled: false },
    'm.set_displayname': { enabled: false },
    'm.set_avatar_url': { enabled: false },
    'm.3pid_changes': { enabled: false },
    'm.get_login_token': { enabled: false },
  },
};

const PUSH_RULES: z.infer<typeof pushRulesSchema> = {
  global: { override: [], content: [], room: [], sender: [], underride: [] },
};

/** What Matrix clients ask before they sync. There is nothing here but presence, and so the answers say. */
@Controller('_matrix/client')
export class StartUpController {
  constructor(@Inject(AUTHENTICATOR) private readonly authenticator: Authenticator) {}

  /** The versions of the Matrix client-server API. For everybody. */
  @Get('versions')
  @Operation(operations.versions)
  versions(): typeof VERSIONS {
    return VERSIONS;
  }

  /** Whose the token is. */
  @Get('v3/account/whoami')
  @Operation(operations.whoami)
  async whoami(@Headers('authorization') authorization: string): Promise<Whoami> {
    const { userId, deviceId } = await this.authenticator.user(bearerToken(authorization));
    return { user_id: userId, ...(deviceId === null ? {} : { device_id: deviceId }), is_guest: false };
  }

  @Get('v3/capabilities')
  @Operation(operations.capabilities)
  async capabilities(@Headers('authorization') authorization: string): Promise<typeof CAPABILITIES> {
    await this.authenticator.user(bearerToken(authorization));
    return CAPABILITIES;
  }

  @Get('v3/pushrules/')
  @Operation(operations.pushRules)
  async pushRules(@Headers('authorization') authorization: string): Promise<typeof PUSH_RULES> {
    await this.authenticator.user(bearerToken(authorization));
    return PUSH_RULES;
  }

  @Get('v3/pushrules/global/')
  @Operation(operations.globalPushRules)
  async globalPushRules(@Headers('authorization') authorization: string): Promise<typeof PUSH_RULES.global> {
    await this.authenticator.user(bearerToken(authorization));
    return PUSH_RULES.global;
  }

  /** There are no servers for calls; browsers ask every ten minutes, and each time complain if nobody answers. */
  @Get('v3/voip/turnServer')
  @Operation(operations.turnServer)
  async turnServer(@Headers('authorization') authorization: string): Promise<Record<string, never>> {
    await this.authenticator.user(bearerToken(authorization));
    return {};
  }
}
