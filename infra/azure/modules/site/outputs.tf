output "cluster" {
  value = azurerm_kubernetes_cluster.site.name
}

output "postgres" {
  value = azurerm_postgresql_flexible_server.site.fqdn
}

output "vault" {
  value = azurerm_key_vault.site.vault_uri
}

output "name_servers" {
  description = "Of the public zone, which Switchback asks."
  value       = data.azurerm_dns_zone.public.name_servers
}
