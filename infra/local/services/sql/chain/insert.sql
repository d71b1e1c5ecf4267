-- A new asset in a wallet, the transfer that brought it there, and an event; returns its id.
-- Parameters: operation, reference, text. One statement, so one transaction.
with asset as (
    insert into assets (reference, wallet_id, network, name, amount, operation_id)
    values (
        %(reference)s, 1 + (hashtext(%(reference)s::text) & 65535) %% 1000, 'main', %(text)s::text, 1, %(operation)s
    )
    returning id, wallet_id, amount
),
wallet as (
    update wallets set main_asset_id = asset.id from asset where wallets.id = asset.wallet_id
),
transfer as (
    insert into transfers (asset_id, "number", "to", amount, operation_id)
    select id, 1, wallet_id, amount, %(operation)s from asset
),
event as (
    insert into chain_events (operation_id, asset_id, kind) select %(operation)s, id, 'created' from asset
)
select id from asset
