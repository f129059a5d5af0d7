import type { Registry } from 'prom-client';
import { Gauge } from 'prom-client';
import type { DeviceConnections } from './device-connections.ts';

/** What an operator wants to see of the clients' device connections. */
export function deviceMetrics(registry: Registry, devices: DeviceConnections): void {
  const gauge = (name: string, help: string, value: () => number): void => {
    new Gauge({
      name: `presently_delivery_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(value());
      },
    });
  };
  gauge(
    'device_connections',
    'Connections of devices to this node; the polls of a device are one.',
    () => devices.openCount,
  );
  gauge('devices_waiting', 'Devices of which something waits to be written to the log.', () => devices.waitingCount);
}
