terraform {
  # A lease on the blob is the lock; it says who holds it and since when.
  backend "azurerm" {
    storage_account_name = "mysstagingbackupstorage"
    container_name       = "tfstate"
    key                  = "new.tfstate"
    use_azuread_auth     = true
  }
}

module "new" {
  source = "../../modules/site"

  organisation           = "mys"
  environment            = "staging"
  short                  = "stg"
  zone                   = { name = "mystira.app", resource_group = "dns-zone-rg" }
  databases              = ["publisher_db", "chain_db", "story_generator_db"]
  nodes                  = { size = "Standard_D2s_v5", count = 2 }
  server                 = { sku = "GP_Standard_D2s_v3", storage_mb = 65536, backup_days = 7 }
  administrator_password = var.administrator_password
}
