-- An asset goes with its transfers, an event stays; returns its id, or no row when there is no such asset.
-- Parameters: operation, id. One statement, so one transaction.
with asset as (
    delete from assets where id = %(id)s returning id
),
event as (
    insert into chain_events (operation_id, asset_id, kind) select %(operation)s, id, 'deleted' from asset
)
select id from asset
