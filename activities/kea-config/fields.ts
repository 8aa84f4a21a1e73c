import { Type } from 'typebox';

export const subnet = Type.Integer({
  minimum: 1,
  description: 'Number of the subnet in the configuration.',
});

export const hardware = Type.String({
  pattern: '^([0-9a-f]{2}:){5}[0-9a-f]{2}$',
  description: 'Hardware address, such as 02:00:5e:00:53:01.',
});
