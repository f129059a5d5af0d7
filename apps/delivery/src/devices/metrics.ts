import type { Registry } from 'prom-client';
import { gauge } from '#runtime/gauge';
import type { DeviceConnections } from './device-connections.ts';

/** What an operator wants to see of the clients' device connections. */
export function deviceMetrics(registry: Registry, devices: DeviceConnections): void {
  gauge(
    registry,
    'presently_delivery_device_connections',
    'Connections of devices to this node; the polls of a device are one.',
    () => devices.openCount,
  );
  gauge(
    registry,
    'presently_delivery_devices_waiting',
    'Devices of which something waits to be written to the log.',
    () => devices.waitingCount,
  );
}
