terraform {
  # A lease on the blob is the lock; it says who holds it and since when.
  backend "azurerm" {
    storage_account_name = "mysdevbackupstorage"
    container_name       = "tfstate"
    key                  = "new.tfstate"
    use_azuread_auth     = true
  }
}

module "new" {
  source = "../../modules/site"

  organisation           = "mys"
  environment            = "dev"
  short                  = "dev"
  zone                   = { name = "mystira.app", resource_group = "dns-zone-rg" }
  databases              = ["publisher_db", "chain_db", "story_generator_db"]
  nodes                  = { size = "Standard_D2s_v5", count = 2 }
  server                 = { sku = "B_Standard_B2s", storage_mb = 32768, backup_days = 7 }
  administrator_password = var.administrator_password
}
