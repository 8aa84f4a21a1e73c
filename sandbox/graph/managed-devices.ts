/**
 * Intune's devices behind the Graph stand-in. What a device was asked to do is an effect; how it stands now follows from
 * those and from the time, so that a restart in between changes nothing.
 */
import type { Effect, Effects } from '../effects.ts';
import { Pace } from '../pace.ts';
import { notFound } from './errors.ts';
import {
  type SeedAutopilotDevice,
  type SeedDevice,
  seedAutopilotDevices,
  seedDevices,
} from './seed-devices.ts';

/** Actions by their name in Graph, and the effects that they are. */
const effectOf = {
  syncDevice: 'device.syncRequested',
  rebootNow: 'device.rebootRequested',
  retire: 'device.retireRequested',
  wipe: 'device.wipeRequested',
} as const;

export type DeviceAction = keyof typeof effectOf;

interface Asked {
  action: DeviceAction;
  atMs: number;
  /** A device that is wiped may stay enrolled. */
  stays: boolean;
}

export class ManagedDevices {
  readonly pace = new Pace({ syncMs: 300, removalMs: 500 });
  private readonly effects: Effects;
  private devices = new Map<string, SeedDevice>();
  private asked = new Map<string, Asked[]>();
  private autopilotDevices = new Map<string, SeedAutopilotDevice>();

  constructor(effects: Effects) {
    this.effects = effects;
    this.reset();
    for (const effect of effects.list({ system: 'graph' })) this.apply(effect);
  }

  reset(): void {
    this.pace.reset();
    this.devices = new Map(seedDevices().map((device) => [device.id, device]));
    this.asked = new Map();
    this.autopilotDevices = new Map(seedAutopilotDevices().map((device) => [device.id, device]));
  }

  /** Those that are still managed, as they are now. */
  list(): SeedDevice[] {
    return [...this.devices.values()].flatMap((device) => this.asNow(device) ?? []);
  }

  find(id: string): SeedDevice {
    const device = this.devices.get(id.toLowerCase());
    const now = device && this.asNow(device);
    if (now) return now;
    throw notFound(id);
  }

  /** All that the directory knows, those included that Intune has let go of. */
  registered(): SeedDevice[] {
    return [...this.devices.values()];
  }

  ask(device: SeedDevice, action: DeviceAction, options: Record<string, unknown> = {}): void {
    this.change(effectOf[action], device.deviceName, { deviceId: device.id, action, ...options });
  }

  autopilot(): SeedAutopilotDevice[] {
    return [...this.autopilotDevices.values()];
  }

  autopilotDevice(id: string): SeedAutopilotDevice {
    const device = this.autopilotDevices.get(id.toLowerCase());
    if (device) return device;
    throw notFound(id);
  }

  assign(device: SeedAutopilotDevice, userPrincipalName: string, addressableUserName: string): void {
    const effect = userPrincipalName ? 'autopilot.assigned' : 'autopilot.unassigned';
    const detail = { autopilotId: device.id, userPrincipalName, addressableUserName };
    this.change(effect, device.serialNumber, detail);
  }

  private change(effect: string, subject: string, detail: Record<string, unknown>): void {
    this.apply(this.effects.add('graph', effect, subject, detail));
  }

  private apply({ effect, at, detail = {} }: Effect): void {
    if (effect.startsWith('autopilot.')) {
      const device = this.autopilotDevices.get(String(detail.autopilotId));
      const { userPrincipalName, addressableUserName } = detail;
      if (device) Object.assign(device, { userPrincipalName, addressableUserName });
    }
    if (!effect.startsWith('device.')) return;
    const id = String(detail.deviceId);
    const asked = {
      action: detail.action as DeviceAction,
      atMs: Date.parse(at),
      stays: detail.keepEnrollmentData === true,
    };
    this.asked.set(id, [...(this.asked.get(id) ?? []), asked]);
  }

  /** Undefined once it is gone. */
  private asNow(device: SeedDevice): SeedDevice | undefined {
    const now = { ...device, managementState: 'managed', deviceActionResults: [] as unknown[] };
    const results = new Map<DeviceAction, unknown>();
    for (const { action, atMs, stays } of this.asked.get(device.id) ?? []) {
      const removes = action === 'retire' || action === 'wipe';
      const dueMs = atMs + this.pace.of(removes ? 'removalMs' : 'syncMs');
      const done = Date.now() >= dueMs;
      if (done && removes && !stays) return undefined;
      if (!done && removes) now.managementState = `${action}Pending`;
      // A device that has done what it was asked to has reported back.
      if (done) now.lastSyncDateTime = new Date(dueMs).toISOString();
      results.delete(action);
      results.set(action, {
        actionName: action,
        actionState: done ? 'done' : 'pending',
        startDateTime: new Date(atMs).toISOString(),
        lastUpdatedDateTime: new Date(done ? dueMs : atMs).toISOString(),
      });
    }
    return { ...now, deviceActionResults: [...results.values()].reverse() };
  }
}
