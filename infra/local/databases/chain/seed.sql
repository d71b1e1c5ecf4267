-- chain_db: some ten thousand rows, the same in every run. Run as chain_app, in one transaction.

insert into service_state default values;

insert into networks (code, title, decimals) values ('main', 'Main network', 18), ('test', 'Test network', 18), ('btc', 'Bitcoin', 8);

insert into wallets (address, label, contact, created_at, updated_at)
select
    decode(md5(format('wallet %s', n)) || '00ff', 'hex'), nullif(format('Wallet %s', n % 97), 'Wallet 0'),
    case when n % 5 = 0 then null else jsonb_build_object('mail', format('w%s@example.org', n), 'score', n / 3.0) end,
    timestamptz '2025-01-01 00:00Z' + n * interval '30 minutes', timestamptz '2025-07-01 00:00Z' + n * interval '5 minutes'
from generate_series(1, 1000) n;

insert into assets (reference, wallet_id, network, name, state, amount, attributes, operation_id, created_at, updated_at)
select
    md5(format('asset %s', n))::uuid, 1 + n % 1000, (array['main', 'test', 'btc'])[1 + n % 3], format('Asset %s', n),
    (enum_range(null::asset_state))[1 + n % 4], n + 0.000000000000000001 * n,
    jsonb_build_object('rarity', n % 11, 'traits', jsonb_build_array('a', n, null)), md5(format('seed asset %s', n))::uuid,
    timestamptz '2025-02-01 00:00Z' + n * interval '2 hours', timestamptz '2025-08-01 00:00Z' + n * interval '13 minutes'
from generate_series(1, 2000) n;

set constraints all immediate;
alter table wallets disable trigger user;
update wallets set main_asset_id = (select min(a.id) from assets a where a.wallet_id = wallets.id) where id % 2 = 0;
alter table wallets enable trigger user;

insert into transfers (asset_id, "number", "from", "to", amount, operation_id, created_at)
select id, 1, null, wallet_id, amount, md5(format('seed transfer %s', id))::uuid, created_at from assets;

insert into blocks (height, hash, parent_hash, mined_at)
select n, decode(md5(format('block %s', n)), 'hex'), case when n > 1 then decode(md5(format('block %s', n - 1)), 'hex') end,
    timestamptz '2025-03-01 00:00Z' + n * interval '10 minutes'
from generate_series(1, 800) n;

insert into transactions (block_height, position, payload, gas_used, gas_price)
select height, position, decode(repeat(md5(format('%s/%s', height, position)), 3), 'hex'), 21000 + height * position, 1.5 + position / 8.0
from blocks cross join generate_series(1, 2) position;

insert into transaction_signatures (block_height, position, wallet_id, signature)
select block_height, position, 1 + (block_height * 3 + position) % 1000, decode(md5(format('signed %s/%s', block_height, position)), 'hex')
from transactions;

insert into "Validator" ("networkCode", "user", "order", weights)
select (array['main', 'test'])[1 + n % 2], format('Validator %s', n), nullif(n % 10, 0), array[n / 7.0, 'NaN', '-Infinity', 1e-300]::double precision[]
from generate_series(1, 60) n;

insert into rate_snapshots (network, taken_at, rates)
select (array['main', 'test', 'btc'])[1 + n % 3], timestamp '2025-05-01' + n / 2 * interval '1 hour', array[n / 2, n / 3.0]
from generate_series(1, 400) n;

insert into chain_events (operation_id, asset_id, kind, payload, created_at)
select md5(format('seed event %s', n))::uuid, 1 + n % 2000, 'imported', null, timestamptz '2025-11-01 00:00Z' + n * interval '1 second'
from generate_series(1, 1500) n;
