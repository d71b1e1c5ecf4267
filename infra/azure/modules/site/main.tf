# One site of the platform. Every resource lies in the site's own group: Switchback refuses to destroy anything that does not.

module "names" {
  source = "../names"

  organisation = var.organisation
  environment  = var.environment
  short        = var.short
}

data "azurerm_client_config" "current" {}

# Switchback writes its records; a wrong name is found out here.
data "azurerm_dns_zone" "public" {
  name                = var.zone.name
  resource_group_name = var.zone.resource_group
}

resource "azurerm_resource_group" "core" {
  name     = module.names.resource_group
  location = var.location
  tags     = { environment = var.environment, site = "new" }
}

resource "azurerm_virtual_network" "site" {
  name                = module.names.network
  resource_group_name = azurerm_resource_group.core.name
  location            = azurerm_resource_group.core.location
  address_space       = ["10.42.0.0/16"]
}

resource "azurerm_subnet" "cluster" {
  name                 = "cluster"
  resource_group_name  = azurerm_resource_group.core.name
  virtual_network_name = azurerm_virtual_network.site.name
  address_prefixes     = ["10.42.0.0/20"]
}

resource "azurerm_subnet" "postgres" {
  name                 = "postgres"
  resource_group_name  = azurerm_resource_group.core.name
  virtual_network_name = azurerm_virtual_network.site.name
  address_prefixes     = ["10.42.16.0/24"]
  service_endpoints    = ["Microsoft.Storage"]

  delegation {
    name = "postgres"
    service_delegation {
      name    = "Microsoft.DBforPostgreSQL/flexibleServers"
      actions = ["Microsoft.Network/virtualNetworks/subnets/join/action"]
    }
  }
}

resource "azurerm_private_dns_zone" "postgres" {
  name                = module.names.private_zone
  resource_group_name = azurerm_resource_group.core.name
}

resource "azurerm_private_dns_zone_virtual_network_link" "postgres" {
  name                  = "site"
  resource_group_name   = azurerm_resource_group.core.name
  private_dns_zone_name = azurerm_private_dns_zone.postgres.name
  virtual_network_id    = azurerm_virtual_network.site.id
}

resource "azurerm_kubernetes_cluster" "site" {
  name                = module.names.cluster
  resource_group_name = azurerm_resource_group.core.name
  node_resource_group = module.names.nodes_group
  location            = azurerm_resource_group.core.location
  dns_prefix          = module.names.cluster

  default_node_pool {
    name           = "system"
    vm_size        = var.nodes.size
    node_count     = var.nodes.count
    vnet_subnet_id = azurerm_subnet.cluster.id
  }

  identity {
    type = "SystemAssigned"
  }

  network_profile {
    network_plugin = "azure"
    service_cidr   = "10.43.0.0/16"
    dns_service_ip = "10.43.0.10"
  }
}

resource "azurerm_postgresql_flexible_server" "site" {
  name                          = module.names.postgres
  resource_group_name           = azurerm_resource_group.core.name
  location                      = azurerm_resource_group.core.location
  version                       = "16"
  sku_name                      = var.server.sku
  storage_mb                    = var.server.storage_mb
  backup_retention_days         = var.server.backup_days
  delegated_subnet_id           = azurerm_subnet.postgres.id
  private_dns_zone_id           = azurerm_private_dns_zone.postgres.id
  public_network_access_enabled = false
  administrator_login           = "psqladmin"
  administrator_password        = var.administrator_password

  depends_on = [azurerm_private_dns_zone_virtual_network_link.postgres]

  lifecycle {
    ignore_changes = [zone]
  }
}

resource "azurerm_postgresql_flexible_server_database" "service" {
  for_each = var.databases

  name      = each.value
  server_id = azurerm_postgresql_flexible_server.site.id
  charset   = "UTF8"
  collation = "en_US.utf8"
}

resource "azurerm_key_vault" "site" {
  name                       = module.names.vault
  resource_group_name        = azurerm_resource_group.core.name
  location                   = azurerm_resource_group.core.location
  tenant_id                  = data.azurerm_client_config.current.tenant_id
  sku_name                   = "standard"
  rbac_authorization_enabled = true
  purge_protection_enabled   = true
  soft_delete_retention_days = 7
}

resource "azurerm_storage_account" "site" {
  name                            = module.names.storage
  resource_group_name             = azurerm_resource_group.core.name
  location                        = azurerm_resource_group.core.location
  account_tier                    = "Standard"
  account_replication_type        = "ZRS"
  min_tls_version                 = "TLS1_2"
  allow_nested_items_to_be_public = false
}
