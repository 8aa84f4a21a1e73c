/** Snipe-IT's REST API. What it refuses it refuses with the status 200, but for a missing or wrong token. */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { defined } from '../../plan/defined.ts';
import { type AssetRecord, type Inventory, models, statuses } from './inventory.ts';
import { assetRow, failure, html, page, personRow, success } from './shapes.ts';

export const prefix = '/snipe-it/api/v1';
export const apiToken = 'sandbox-snipe-it-token';

type Query = Record<string, string | undefined>;
type Body = Record<string, unknown>;

const noAsset = 'Asset does not exist.';

export function assetRoutes(app: FastifyInstance, inventory: Inventory): void {
  app.register(
    async (snipe) => {
      snipe.addHook('preHandler', async (request, reply) => {
        if (request.headers.authorization === `Bearer ${apiToken}`) return;
        return reply.code(401).send({ error: 'Unauthenticated.' });
      });
      snipe.setNotFoundHandler(async (_request, reply) =>
        reply.code(404).send({ status: 'error', messages: '404 endpoint not found', payload: null }),
      );
      readRoutes(snipe, inventory);
      writeRoutes(snipe, inventory);
    },
    { prefix },
  );
}

function readRoutes(snipe: FastifyInstance, inventory: Inventory): void {
  const row = (asset: AssetRecord) => assetRow(asset, inventory);

  snipe.get('/hardware/bytag/:tag', async (request) => {
    const found = inventory.list().find((asset) => same(asset.tag, param(request, 'tag')));
    return found ? row(found) : failure(noAsset);
  });
  snipe.get('/hardware/byserial/:serial', async (request) => {
    const found = inventory.list().filter((asset) => same(asset.serial, param(request, 'serial')));
    return found.length > 0 ? page(found.map(row), query(request)) : failure(noAsset);
  });
  snipe.get('/hardware', async (request) => page(inventory.list().map(row), query(request)));
  snipe.get('/hardware/:id', async (request) => {
    const found = inventory.byId(Number(param(request, 'id')));
    return found ? row(found) : failure(noAsset);
  });
  snipe.get('/users', async (request) => {
    const { email } = query(request);
    const people = inventory.people().filter((person) => email === undefined || same(person.email, email));
    return page(
      people.map((person) => personRow(person, inventory)),
      query(request),
    );
  });
  snipe.get('/users/:id/assets', async (request) => {
    const id = Number(param(request, 'id'));
    if (!inventory.people().some((person) => person.id === id)) return failure('User does not exist.');
    return page(
      inventory
        .list()
        .filter((asset) => asset.holder === id)
        .map(row),
      query(request),
    );
  });
  snipe.get('/models', async (request) => {
    const search = (query(request).search ?? '').toLowerCase();
    const found = models.filter(({ name }) => name.toLowerCase().includes(search));
    return page(
      found.map(({ id, name, number }) => ({ id, name: html(name), model_number: number })),
      query(request),
    );
  });
  snipe.get('/statuslabels', async (request) => page(statuses, query(request)));
}

function writeRoutes(snipe: FastifyInstance, inventory: Inventory): void {
  snipe.post('/hardware/:id/checkout', async (request) => {
    const asset = inventory.byId(Number(param(request, 'id')));
    if (!asset) return failure(noAsset);
    const {
      checkout_to_type: type,
      assigned_user: user,
      expected_checkin: expected,
      note = '',
    } = body(request);
    if (!['user', 'asset', 'location'].includes(String(type)))
      return failure({ checkout_to_type: ['The selected checkout to type is invalid.'] });
    const person = inventory.people().find(({ id }) => id === Number(user));
    if (type !== 'user' || !person)
      return failure({ assigned_user: ['The selected assigned user is invalid.'] });
    if (expected !== undefined && !/^\d{4}-\d\d-\d\d$/.test(String(expected)))
      return failure({ expected_checkin: ['The expected checkin must be a valid date.'] });
    if (asset.holder !== null || !inventory.isDeployable(asset))
      return failure('That asset is not available for checkout!', { asset: asset.tag });
    inventory.checkOut(asset, person, expected === undefined ? null : String(expected), String(note));
    return success('Asset checked out successfully.', { asset: asset.tag });
  });
  snipe.post('/hardware/:id/checkin', async (request) => {
    const asset = inventory.byId(Number(param(request, 'id')));
    if (!asset) return failure(noAsset);
    const payload = { asset_tag: asset.tag, model: models.find(({ id }) => id === asset.modelId)?.name };
    if (asset.holder === null) return failure('That asset is already checked in.', payload);
    inventory.checkIn(asset, String(body(request).note ?? ''));
    return success('Asset checked in successfully.', payload);
  });
  snipe.patch('/hardware/:id', async (request) => {
    const asset = inventory.byId(Number(param(request, 'id')));
    if (!asset) return failure(noAsset);
    const { status_id, notes, name, ...others } = body(request);
    const [unknown] = Object.keys(others);
    if (unknown) return failure({ [unknown]: [`The sandbox does not play a change of ${unknown}.`] });
    if (status_id !== undefined && !statuses.some(({ id }) => id === Number(status_id)))
      return failure({ status_id: ['The selected status id is invalid.'] });
    inventory.update(asset, {
      ...defined({
        statusId: status_id === undefined ? undefined : Number(status_id),
        note: notes === undefined ? undefined : String(notes),
        name: name === undefined ? undefined : String(name),
      }),
    });
    return success('Asset updated successfully.', assetRow(asset, inventory));
  });
  snipe.post('/hardware', async (request) => {
    const { serial = '', model_id, status_id, asset_tag, order_number } = body(request);
    const problems: Record<string, string[]> = {};
    if (!models.some(({ id }) => id === Number(model_id)))
      problems.model_id = [
        model_id === undefined ? 'The model id field is required.' : 'The selected model id is invalid.',
      ];
    if (!statuses.some(({ id }) => id === Number(status_id)))
      problems.status_id = [
        status_id === undefined ? 'The status id field is required.' : 'The selected status id is invalid.',
      ];
    if (asset_tag !== undefined && inventory.list().some((asset) => same(asset.tag, String(asset_tag))))
      problems.asset_tag = ['The asset tag must be unique.'];
    if (Object.keys(problems).length > 0) return failure(problems);
    const made = inventory.create({
      serial: String(serial),
      modelId: Number(model_id),
      statusId: Number(status_id),
      orderNumber: order_number === undefined ? null : String(order_number),
      ...defined({ tag: asset_tag === undefined ? undefined : String(asset_tag) }),
    });
    return success('Asset created successfully.', assetRow(made, inventory));
  });
}

function param(request: FastifyRequest, name: string): string {
  return (request.params as Record<string, string>)[name] ?? '';
}

function query(request: FastifyRequest): Query {
  return request.query as Query;
}

function body(request: FastifyRequest): Body {
  return (request.body ?? {}) as Body;
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
