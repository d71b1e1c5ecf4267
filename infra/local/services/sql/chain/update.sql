-- An asset moves to the next wallet: its row, a transfer and an event; returns its id, or no row without such an asset.
-- Parameters: operation, id, text. One statement, so one transaction.
with asset as (
    update assets
    set name = %(text)s::text, wallet_id = 1 + wallet_id %% 1000, state = 'listed', operation_id = %(operation)s
    where id = %(id)s
    returning id, wallet_id, amount
),
transfer as (
    insert into transfers (asset_id, "number", "from", "to", amount, operation_id)
    select
        id, (select coalesce(max("number"), 0) + 1 from transfers where asset_id = %(id)s),
        1 + (wallet_id + 998) %% 1000, wallet_id, amount, %(operation)s
    from asset
),
event as (
    insert into chain_events (operation_id, asset_id, kind) select %(operation)s, id, 'updated' from asset
)
select id from asset
